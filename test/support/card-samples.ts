/** Faces of made-up people for the tests of cards, and a typesetter with the real fonts. */
import { createHash } from "node:crypto";
import { cutCardName } from "../../src/cards/card.ts";
import type { CardFace } from "../../src/cards/card-face.ts";
import { makeCardKey } from "../../src/cards/card-keys.ts";
import { cardTokenUrl, signCardToken } from "../../src/cards/card-token.ts";
import { makeTypesetter, type Typesetter } from "../../src/cards/text-shaping.ts";
import { makeHealthId } from "../../src/persons/health-id.ts";
import { loadCardFonts } from "../../src/pipelines/card-fonts.ts";
import type { IsoDate } from "../../src/platform/ids.ts";

export async function aTypesetter(): Promise<Typesetter> {
  return makeTypesetter(await loadCardFonts());
}

export const sampleCardKey = makeCardKey(createHash("sha256").update("sample").digest(), {
  kid: 1,
  nbf: "2026-01-01" as IsoDate,
  naf: null,
});

/** A face with everything on it; `seed` makes another person. */
export function aCardFace(given: Partial<CardFace> = {}, seed = 1): CardFace {
  const bytes = createHash("sha256").update(`sample ${seed}`).digest();
  const face = {
    healthId: makeHealthId((count) => bytes.subarray(0, count).map((byte) => byte & 0x7f)),
    name: "Asha Devi",
    nameLocal: "आशा देवी",
    sex: "female" as const,
    birthYear: 1984,
    serial: bytes.readUInt32BE(8) as CardFace["serial"],
    issuedOn: "2026-11-22" as IsoDate,
    expiresOn: null,
    ...given,
  };
  const token = signCardToken({ ...face, name: cutCardName(face.name).name }, sampleCardKey);
  return { url: cardTokenUrl(token), ...face };
}
