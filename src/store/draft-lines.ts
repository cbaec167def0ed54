/** The COPY line of a plain row, made of bytes: the same line, byte for byte, as `StageLines.add` makes of the claim. */
import { hash } from "node:crypto";
import { ByteWriter } from "../platform/byte-writer.ts";
import type { FacilityId } from "../platform/ids.ts";
import type { ClaimDraft } from "./claim-draft.ts";
import { copyFields } from "./copy-text.ts";

/** Where a plain row stands. */
export interface DraftPlace {
  readonly ordinal: number;
  readonly line: number;
  readonly mapSource: string;
}

const tab = 0x09;
const lineEnd = 0x0a;
const hashStart = Buffer.from("\t\\\\x");
const hashBytes = 16;
const noTime = Buffer.from("\\N");
/** Hash, numbers, tabs and record id take no more. */
const fixedBytes = 160;

/** Of one facility. */
export class DraftLines {
  /** What the record ids of the facility's own numbers are hashes of, up to the number. */
  private readonly keys = new ByteWriter();
  private readonly keyStart: number;
  private readonly system: Buffer;
  private readonly authority = Buffer.from("\tpatient\t");
  private readonly heads = new Map<number, Buffer>();
  private mapSource = "";

  constructor(facilityId: FacilityId) {
    this.keys.text(`${facilityId}\u0000${facilityId}\u0000`);
    this.keyStart = this.keys.length;
    this.system = Buffer.from(`\t${copyFields([facilityId])}\t`);
  }

  write(lines: ByteWriter, claim: ClaimDraft, place: DraftPlace): void {
    const head = this.headOf(place.mapSource, claim.present);
    const { system, authority } = this;
    const time = claim.messageTime ?? noTime;
    lines.reserve(claim.size + head.length + system.length + time.length + fixedBytes);
    const from = lines.length;
    lines.bytes(head, 0, head.length);
    claim.write(lines);
    const factsHash = hash("sha256", lines.view(from), "binary");
    lines.bytes(hashStart, 0, hashStart.length);
    lines.hex(factsHash, hashBytes);
    lines.byte(tab);
    lines.number(place.ordinal);
    lines.byte(tab);
    this.writeRecordId(lines, claim);
    lines.bytes(system, 0, system.length);
    claim.writeValue(lines);
    lines.bytes(authority, 0, authority.length);
    lines.bytes(time, 0, time.length);
    lines.byte(tab);
    lines.number(place.line);
    lines.byte(lineEnd);
  }

  /** The map and the fields that the row speaks of: a file has few of them. */
  private headOf(mapSource: string, present: number): Buffer {
    if (this.mapSource !== mapSource) this.heads.clear();
    this.mapSource = mapSource;
    let head = this.heads.get(present);
    if (head === undefined) {
      head = Buffer.from(`${mapSource}\t${present}\t`);
      this.heads.set(present, head);
    }
    return head;
  }

  /** `recordIdOf` in decimal: the first 60 bits of the hash, without a bigint of each. */
  private writeRecordId(lines: ByteWriter, claim: ClaimDraft): void {
    const { keys } = this;
    keys.length = this.keyStart;
    keys.reserve(claim.size);
    claim.writeValue(keys);
    const digest = hash("sha256", keys.view(), "binary");
    writeFirst60Bits(lines, digest);
  }
}

const limb = 10_000_000;
const limbDigits = 7;
const stepBits = 2 ** 20;

/** Three limbs of seven decimal digits, to which twenty bits are added three times. */
function writeFirst60Bits(lines: ByteWriter, digest: string): void {
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let step = 0; step < 3; step += 1) {
    low = low * stepBits + bitsAt(digest, step);
    const carry = Math.floor(low / limb);
    low -= carry * limb;
    middle = middle * stepBits + carry;
    const over = Math.floor(middle / limb);
    middle -= over * limb;
    high = high * stepBits + over;
  }
  if (high > 0) {
    lines.number(high);
    lines.padded(middle, limbDigits);
    lines.padded(low, limbDigits);
  } else if (middle > 0) {
    lines.number(middle);
    lines.padded(low, limbDigits);
  } else lines.number(low);
}

/** Twenty bits of a binary string, the first, second or third of them. */
function bitsAt(digest: string, step: number): number {
  const byte = (step * 5) >> 1;
  const bits =
    (digest.charCodeAt(byte) << 16) |
    (digest.charCodeAt(byte + 1) << 8) |
    digest.charCodeAt(byte + 2);
  return step % 2 === 0 ? bits >> 4 : bits & 0xfffff;
}
