/** Keys of HL7 events: the source's own numbers, else what identifies the fact; unique within a message. */
import { hash } from "node:crypto";
import { squeeze } from "../records/normalize-name.ts";
import type { RecordKey } from "../records/patient-record.ts";

const maxReadableKey = 120;

/** Parts joined by `/`, empty ones at the end left out; a long key is replaced by the start of its SHA-256, as it is compared and never read. */
export function sourceKey(...parts: readonly (string | null)[]): string {
  let said = parts.length;
  while (said > 0 && !parts[said - 1]) said -= 1;
  const key = squeeze(
    parts
      .slice(0, said)
      .map((part) => part ?? "")
      .join("/"),
  );
  return key.length <= maxReadableKey ? key : derivedKey(...parts);
}

/** 128 bits of SHA-256 over what identifies a fact that has no number of its own. */
export function derivedKey(...parts: readonly (string | null)[]): string {
  return hash("sha256", parts.map((part) => part ?? "").join("\u0000"), "hex").slice(0, 32);
}

/** A patient as a part of a derived key. */
export function patientPart(key: RecordKey): string {
  return `${key.system}\u0000${key.value}`;
}

/** Makes keys of one kind unique in one message: the second of a name gets `#2`, by its order in the message. */
export class KeyCounter {
  readonly #seen = new Map<string, number>();

  unique(kind: string, key: string): string {
    const place = `${kind}\u0000${key}`;
    const count = (this.#seen.get(place) ?? 0) + 1;
    this.#seen.set(place, count);
    return count === 1 ? key : `${key}#${count}`;
  }
}
