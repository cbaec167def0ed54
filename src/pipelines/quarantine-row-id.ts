/** How an exported row says which quarantined record it is: `Q12-K7PD`, the id and a check that notices damage and other stores. */
import { createHash } from "node:crypto";

/** No letters or digits that a reader takes for one another. */
const signs = "23456789CDFGHJKMNPQRTVWXYZ";
const checkLength = 4;

export interface RowIdOf {
  readonly id: string;
  readonly pipeline: string;
  readonly rawHash: string;
}

export function rowIdOf(item: RowIdOf): string {
  const digest = createHash("sha256")
    .update(`${item.pipeline}\u0000${item.rawHash}\u0000${item.id}`)
    .digest();
  const check = [...digest.subarray(0, checkLength)].map((byte) => signs[byte % signs.length]);
  return `Q${item.id}-${check.join("")}`;
}

/** The id in a cell, in any case and with spaces around it; null when it is none. The check is compared with the item's own. */
export function parseRowId(text: string): string | null {
  const found = /^Q([1-9]\d{0,17})-[0-9A-Z]{4}$/.exec(normalRowId(text));
  return found?.[1] ?? null;
}

/** One spelling of a row id. */
export function normalRowId(text: string): string {
  return text.trim().replace(/^'/, "").toUpperCase();
}
