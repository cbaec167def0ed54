import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aCardFace, aTypesetter, sampleCardKey } from "../../test/support/card-samples.ts";
import { type GrayImage, readPgm, readQrCodes } from "../../test/support/qr-reader.ts";
import type { IsoDate } from "../platform/ids.ts";
import { type CardFace, type ComposedFace, composeFace } from "./card-face.ts";
import { renderBack, renderFronts } from "./card-pdf.ts";
import type { CardLayout } from "./card-sheet.ts";
import { verifyCardToken } from "./card-verification.ts";
import type { Typesetter } from "./text-shaping.ts";

let typesetter: Typesetter;
beforeAll(async () => {
  typesetter = await aTypesetter();
});

const sampleFaces: readonly CardFace[] = [
  { name: "Kiran", nameLocal: null },
  {
    name: "Venkata Naga Satya Subrahmanyeswara Rao Lakshminarayanan Iye",
    nameLocal: "त्रि".repeat(50),
  },
  { name: "Krishna Tripathi", nameLocal: "कृष्णा त्रिपाठी क्षत्रिय ज्ञानेन्द्र" },
  { name: "W".repeat(60), nameLocal: "ਗੁਰਮੀਤ" },
  { name: "Śrī D'Souza (Zoë)", nameLocal: "ऑफ़िस र्कि", sex: null, birthYear: null },
].map((given, seed) => aCardFace(given, seed));

function compose(face: CardFace): ComposedFace {
  const composed = composeFace(face, typesetter);
  if (!composed.ok) throw new Error(`held: ${composed.reasons.join()}`);
  return composed.value;
}

async function render(faces: readonly CardFace[], layout: CardLayout = "cr80"): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of renderFronts(faces.map(compose), typesetter, {
    title: "Sample cards",
    layout,
  })) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const countOf = (pdf: string, pattern: RegExp) => pdf.match(pattern)?.length ?? 0;

/** The numbers of objects whose table entry does not point at their beginning. */
function misplacedObjects(pdf: string): readonly number[] {
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
  const entries = [...pdf.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)];
  expect(pdf.slice(start, start + 5)).toBe("xref\n");
  expect(entries.length).toBe(countOf(pdf, /^\d+ 0 obj$/gm));
  return entries.flatMap((entry, index) =>
    pdf.startsWith(`${index + 1} 0 obj\n`, Number(entry[1])) ? [] : [index + 1],
  );
}

describe("the PDF of fronts", () => {
  test("it has one CR80 page a card, embedded subset fonts, and a table that points at every object", async () => {
    const pdf = (await render(sampleFaces)).toString("latin1");
    expect(pdf.startsWith("%PDF-1.6\n")).toBe(true);
    expect(countOf(pdf, /\/Type\/Page\//g)).toBe(sampleFaces.length);
    expect(pdf).toContain("/MediaBox[0 0 242.646 153.071]");
    expect(countOf(pdf, /\/TrimBox\[0 0 242\.646 153\.071\]/g)).toBe(sampleFaces.length);
    const fontNames = [...pdf.matchAll(/\/FontName\/([A-Z]{6})\+([\w-]+)/g)].map(
      (match) => match[2],
    );
    expect(fontNames).toEqual([
      "NotoSans-Regular",
      "NotoSansDevanagari-Regular",
      "NotoSans-SemiBold",
      "NotoSansExtended-SemiBold",
      "NotoSansDevanagari-SemiBold",
    ]);
    expect(countOf(pdf, /\/FontFile2 /g)).toBe(fontNames.length);
    expect(misplacedObjects(pdf)).toEqual([]);
  });

  test("the same faces give the same bytes, other faces another identifier", async () => {
    const [first, again, other] = [
      await render(sampleFaces),
      await render(sampleFaces),
      await render(sampleFaces.slice(1)),
    ];
    const idOf = (pdf: Buffer) => /\/ID\[<([0-9a-f]{32})>/.exec(pdf.toString("latin1"))?.[1];
    expect(first.equals(again)).toBe(true);
    expect(idOf(first)).not.toBe(idOf(other));
    expect(first.toString("latin1")).not.toMatch(/CreationDate|ModDate/);
  });

  test("text and QR are pure black: the only inks of a page are black and those of the shared front", async () => {
    const pdf = (await render(sampleFaces)).toString("latin1");
    const inks = new Set(
      [...pdf.matchAll(/^(?:q )?([\d.]+ [\d.]+ [\d.]+ [\d.]+) k/gm)].map((match) => match[1]),
    );
    expect([...inks].sort()).toEqual([
      "0 0 0 0",
      "0 0 0 1",
      "0.62 0.02 0.22 0",
      "1 0.62 0.18 0.32",
    ]);
    expect(pdf).not.toMatch(/\brg\b|\/DeviceRGB|\/SMask/);
  });

  test("450 cards come in several chunks from an async source, in a page tree of three nodes", async () => {
    async function* source() {
      for (let seed = 0; seed < 450; seed += 1) yield compose(aCardFace({}, seed));
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of renderFronts(source(), typesetter, { title: "Many" }))
      chunks.push(chunk);
    const pdf = Buffer.concat(chunks).toString("latin1");
    expect(chunks.length).toBeGreaterThanOrEqual(2);
    expect(misplacedObjects(pdf)).toEqual([]);
    expect(countOf(pdf, /\/Type\/Pages\/Parent/g)).toBe(3);
    expect(pdf).toContain("/Type/Pages/Count 450");
    expect(pdf.length / 450).toBeLessThan(1800);
  });

  test("a file without cards is still a PDF", async () => {
    const pdf = (await render([])).toString("latin1");
    expect(pdf).toContain("/Type/Pages/Count 0");
    expect(misplacedObjects(pdf)).toEqual([]);
  });

  test("on A4 ten cards lie on a page, and the back fills one", async () => {
    const faces = Array.from({ length: 23 }, (_, seed) => aCardFace({}, seed));
    const pdf = (await render(faces, "a4")).toString("latin1");
    expect(pdf).toContain("/MediaBox[0 0 595.276 841.89]");
    expect(countOf(pdf, /\/Type\/Page\//g)).toBe(3);
    expect(countOf(pdf, /\/Q\d Do Q/g)).toBe(23);
    expect(misplacedObjects(pdf)).toEqual([]);
    const back = Buffer.from(renderBack(typesetter, { title: "Back", layout: "a4" })).toString(
      "latin1",
    );
    expect(countOf(back, /\/S Do/g)).toBe(10);
  });

  test("the back is one page with no QR", () => {
    const pdf = Buffer.from(renderBack(typesetter, { title: "Back" })).toString("latin1");
    expect(countOf(pdf, /\/Type\/Page\//g)).toBe(1);
    expect(pdf).not.toContain("/ImageMask");
    expect(misplacedObjects(pdf)).toEqual([]);
  });
});

const hasPoppler = spawnSync("pdftoppm", ["-v"]).error === undefined;
const folder = mkdtempSync(join(tmpdir(), "hims-cards-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pages as gray images. */
function rasterize(pdf: Uint8Array, dpi: number): readonly GrayImage[] {
  const file = join(folder, `fronts-${dpi}.pdf`);
  writeFileSync(file, pdf);
  execFileSync("pdftoppm", ["-r", String(dpi), "-gray", file, join(folder, `page-${dpi}`)]);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`page-${dpi}`) && name.endsWith(".pgm"))
    .sort()
    .map((name) => readPgm(readFileSync(join(folder, name))));
}

/** Pixels that are not white in the frame of four modules around the QR. */
function inkInQuietZone({ pixels, width }: GrayImage, { qr }: ComposedFace): number {
  const quiet = 4 * qr.moduleDots;
  const side = qr.matrix.size * qr.moduleDots;
  let ink = 0;
  for (let y = -quiet; y < side + quiet; y += 1) {
    for (let x = -quiet; x < side + quiet; x += 1) {
      const inside = Math.min(x, y) >= 0 && Math.max(x, y) < side;
      if (!inside && pixels[(qr.topDots + y) * width + qr.leftDots + x] !== 255) ink += 1;
    }
  }
  return ink;
}

describe.skipIf(!hasPoppler)(
  "the fronts as printed (skipped where poppler's pdftoppm is missing)",
  () => {
    test.each([300, 150])("every card scans from the page at %i dpi and verifies", async (dpi) => {
      const images = rasterize(await render(sampleFaces), dpi);
      expect(images).toHaveLength(sampleFaces.length);
      for (const [index, image] of images.entries()) {
        const [text, ...others] = await readQrCodes(image);
        expect(others).toEqual([]);
        expect(text).toBe(sampleFaces[index]?.url);
        const keySet = { keys: [sampleCardKey.publicKey] };
        expect(
          verifyCardToken(text ?? "", keySet, { today: "2026-11-22" as IsoDate }),
        ).toMatchObject({
          reason: "ok",
          serial: sampleFaces[index]?.serial,
        });
      }
    });

    test("at 300 dpi the quiet zone holds no ink and modules are whole dots", async () => {
      const images = rasterize(await render(sampleFaces), 300);
      for (const [index, image] of images.entries()) {
        const face = compose(sampleFaces[index] ?? aCardFace());
        expect(inkInQuietZone(image, face)).toBe(0);
        const { leftDots, topDots } = face.qr;
        const grays = new Set<number>();
        for (let y = 0; y < 318; y += 1) {
          const start = (topDots + y) * image.width + leftDots;
          for (const gray of image.pixels.subarray(start, start + 318)) grays.add(gray);
        }
        expect(grays.size).toBe(2);
      }
    });

    test("all ten cards of an A4 sheet scan from one image", async () => {
      const faces = Array.from({ length: 10 }, (_, seed) => aCardFace({}, seed));
      const [image] = rasterize(await render(faces, "a4"), 200);
      if (image === undefined) throw new Error("no page");
      const texts = await readQrCodes(image);
      expect([...texts].sort()).toEqual(faces.map((face) => face.url).sort());
    });

    test("names can be copied from the file, in both scripts", async () => {
      const file = join(folder, "text.pdf");
      writeFileSync(file, await render(sampleFaces));
      const text = execFileSync("pdftotext", [file, "-"], { encoding: "utf8" });
      for (const words of [
        "Krishna Tripathi",
        "कृष्णा त्रिपाठी क्षत्रिय ज्ञानेन्द्र",
        "Śrī D'Souza (Zoë)",
        "ऑफ़िस र्कि",
        "Female · महिला",
      ]) {
        expect(text).toContain(words);
      }
    });
  },
);
