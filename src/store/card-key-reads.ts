/** The keys that verify cards, as the store keeps them. */
import type { CardKeySet } from "../cards/card-keys.ts";
import type { IsoDate } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

/** All keys ever published, withdrawn ones included, so that a verifier can tell them from unknown ones. */
export async function readCardKeySet(reader: Reader): Promise<CardKeySet> {
  const rows = await reader.rows<CardKeyRow>(
    "select kid, public_key, not_before, not_after, status from card_key order by kid",
  );
  return {
    keys: rows.map((row) => ({
      kid: row.kid,
      x: row.public_key.toString("base64url"),
      nbf: row.not_before,
      naf: row.not_after,
      status: row.status === "withdrawn" ? "withdrawn" : "active",
    })),
  };
}

interface CardKeyRow {
  readonly kid: number;
  readonly public_key: Buffer;
  readonly not_before: IsoDate;
  readonly not_after: IsoDate;
  readonly status: "published" | "withdrawn";
}
