/** Card fronts in memory, from signed token to PDF bytes, against the `qr` package that makes nothing but the matrix. */
import { createHash } from "node:crypto";
import encodeQR from "qr";
import { cutCardName, makeCardSerial } from "../../src/cards/card.ts";
import { type CardFace, type ComposedFace, composeFace } from "../../src/cards/card-face.ts";
import { makeCardKey } from "../../src/cards/card-keys.ts";
import { renderFronts } from "../../src/cards/card-pdf.ts";
import { cardTokenUrl, signCardToken } from "../../src/cards/card-token.ts";
import { makeQrMatrix } from "../../src/cards/qr-matrix.ts";
import { makeTypesetter, type Typesetter } from "../../src/cards/text-shaping.ts";
import { makeHealthId } from "../../src/persons/health-id.ts";
import { loadCardFonts } from "../../src/pipelines/card-fonts.ts";
import type { IsoDate } from "../../src/platform/ids.ts";
import { dateOf } from "../../src/synthetic/calendar.ts";
import { peopleOf, registrationsOf } from "../../src/synthetic/population.ts";
import { writtenRecord } from "../../src/synthetic/written-record.ts";
import { type BenchOptions, bestSeconds, type Measurement } from "../measurement.ts";

const defaultFaces = 5_000;
/** The peer is slow enough that a part of the texts tells its speed. */
const peerTexts = 500;
const seed = 24;
const today = "2026-11-01" as IsoDate;
const key = makeCardKey(createHash("sha256").update("bench").digest(), {
  kid: 1,
  nbf: today,
  naf: null,
});

type UnsignedFace = Omit<CardFace, "url">;

export async function* benchCards(options: BenchOptions): AsyncIterable<Measurement> {
  const unsigned = facesOf(options.size ?? defaultFaces);
  const typesetter = makeTypesetter(await loadCardFonts());
  const signed = await bestSeconds(options.repeats, () => unsigned.map(signFace));
  const faces = signed.answer;
  const composed = await bestSeconds(options.repeats, () => composeAll(faces, typesetter));
  const rendered = await bestSeconds(options.repeats, () => pdfBytes(composed.answer, typesetter));
  const urls = faces.map(({ url }) => url);
  const matrices = await bestSeconds(options.repeats, () => urls.map(makeQrMatrix));
  const some = urls.slice(0, peerTexts);
  const peer = await bestSeconds(options.repeats, () =>
    some.map((url) => encodeQR(url, "raw", { ecc: "medium" })),
  );
  const count = faces.length;
  const note = `${count} faces, best of ${options.repeats}`;
  const against = { name: "qr (npm), matrices only", value: some.length / peer.seconds };
  const seconds = signed.seconds + composed.seconds + rendered.seconds;
  const rate = { unit: "cards/s", against: null, note };
  yield { ...rate, name: "cards/whole", value: count / seconds, against };
  yield { ...rate, name: "cards/sign", value: count / signed.seconds };
  yield { ...rate, name: "cards/compose", value: count / composed.seconds };
  yield { ...rate, name: "cards/render", value: count / rendered.seconds };
  yield {
    name: "cards/qr-matrix",
    value: count / matrices.seconds,
    unit: "matrices/s",
    against,
    note: `${note}; the peer with ${some.length}, in byte mode and two versions larger`,
  };
  yield {
    name: "cards/bytes",
    value: rendered.answer / count,
    unit: "bytes/card",
    against: null,
    note: "fonts of the file included",
  };
}

function facesOf(count: number): readonly UnsignedFace[] {
  const options = { people: count, seed, duplicates: 0, today };
  return [...peopleOf(options, 0)].map((person): UnsignedFace => {
    const [registration] = registrationsOf(options, person);
    if (registration === undefined) throw new Error("a person is registered somewhere");
    const { name, sex } = writtenRecord(seed, registration);
    const random = randomOf(person.index);
    return {
      healthId: makeHealthId(random),
      name: [name.given, name.middle, name.family].filter((part) => part !== "").join(" "),
      nameLocal: name.local,
      sex,
      birthYear: dateOf(person.birthDay).year,
      serial: makeCardSerial(random),
      issuedOn: today,
      expiresOn: null,
    };
  });
}

/** Fresh bytes at every call, as a health ID draws again when it does not like the first; the same for the same person. */
function randomOf(personIndex: number): (count: number) => Uint8Array {
  let draws = 0;
  return (count) => {
    draws += 1;
    return createHash("sha256").update(`face ${personIndex} ${draws}`).digest().subarray(0, count);
  };
}

function signFace(face: UnsignedFace): CardFace {
  const token = signCardToken({ ...face, name: cutCardName(face.name).name }, key);
  return { ...face, url: cardTokenUrl(token) };
}

function composeAll(faces: readonly CardFace[], typesetter: Typesetter): readonly ComposedFace[] {
  return faces.map((face) => {
    const composed = composeFace(face, typesetter);
    if (!composed.ok) throw new Error(`a face was held back: ${composed.reasons.join(", ")}`);
    return composed.value;
  });
}

async function pdfBytes(faces: readonly ComposedFace[], typesetter: Typesetter): Promise<number> {
  let bytes = 0;
  for await (const chunk of renderFronts(faces, typesetter, { title: "bench" }))
    bytes += chunk.length;
  return bytes;
}
