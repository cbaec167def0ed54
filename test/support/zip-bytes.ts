/** Zip archives made in memory, sound and hostile: the few fields that tests bend are options. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly stored?: boolean;
  /** Bit 0 is encryption. */
  readonly flags?: number;
  readonly method?: number;
  readonly checksum?: number;
  /** Said to begin where the part of this index does. */
  readonly sameAs?: number;
  /** File type and rights of Unix, such as 0o120777 for a link. */
  readonly mode?: number;
}

export function zipBytes(parts: readonly ZipPart[]): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const part of parts) {
    const content = Buffer.from(part.content);
    const packed = part.stored ? content : deflateRawSync(content);
    const name = Buffer.from(part.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(part.flags ?? 0x800, 2);
    fields.writeUInt16LE(part.method ?? (part.stored ? 0 : 8), 4);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(part.checksum ?? crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const at = part.sameAs === undefined ? offset : (offsets[part.sameAs] ?? 0);
    offsets.push(at);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(0x0314, 4);
    fields.copy(header, 6);
    header.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 38);
    header.writeUInt32LE(at, 42);
    directory.push(header, name);
    if (part.sameAs !== undefined) continue;
    local.push(Buffer.from("PK\u0003\u0004", "latin1"), fields, name, packed);
    offset += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, listed, end]);
}
