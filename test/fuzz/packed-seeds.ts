/** Archives and workbooks to break: as bytes, or in the parts that they are made of. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { listMembers, memberContent } from "../../src/connectors/zip-archive.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { allOf, type FileReading, readWhole } from "../support/file-reading.ts";
import { workbookBytes } from "../support/workbook-bytes.ts";
import { type ZipPart, zipBytes } from "../support/zip-bytes.ts";
import { byteOperators } from "./byte-operators.ts";
import { type FileSite, fileOperators } from "./file-operators.ts";
import { type Change, type Draw, type Mutant, type MutationSite, mutate } from "./mutation.ts";
import { goldenFiles, pipelineOf, type Seed } from "./seeds.ts";
import { unpack } from "./unpack.ts";

export interface PackedSeed {
  readonly name: string;
  readonly pipeline: PipelineFile;
  readonly bytes: Buffer;
  /** What comes out of it, and how the first of it reads. */
  readonly texts: readonly Buffer[];
  readonly whole: FileReading;
  /** Parts of a workbook; of other archives none. */
  readonly parts: readonly ZipPart[];
}

export interface PackedMutant {
  readonly seed: PackedSeed;
  readonly kind: string;
  readonly bytes: Buffer;
  /** Its checksums are right, so that nothing tells what was in it. */
  readonly isRewritten: boolean;
  /** Row of a sheet in which it was broken; null where it was broken elsewhere. */
  readonly row: number | null;
}

/** The packed golden cases, a workbook of many types, and the given seeds in archives. */
export async function packedSeeds(seeds: readonly Seed[]): Promise<readonly PackedSeed[]> {
  const given = goldenFiles(/^given.*\.(?:gz|zip|xlsx)$/);
  const [one, two] = seeds;
  if (one === undefined || two === undefined) throw new Error("there are seeds");
  const files = [
    ...given,
    { name: "workbook", pipeline: tablePipeline, bytes: manyTypes() },
    { name: "zip of two", pipeline: one.pipeline, bytes: zipOf(one.bytes, two.bytes) },
    ...seeds.map(({ name, pipeline, bytes }) => ({
      name: `${name}.gz`,
      pipeline,
      bytes: gzipSync(bytes),
    })),
  ];
  const packed: PackedSeed[] = [];
  for (const { name, pipeline, bytes } of files) {
    const unpacked = await unpack(bytes, pipeline);
    const texts = unpacked.map((file) => file.bytes);
    const [first] = unpacked;
    const { textEncoding } = first ?? {};
    const whole = await readWhole(pipeline, first?.bytes ?? Buffer.alloc(0), { textEncoding });
    const parts = /workbook|\.xlsx$/.test(name) ? await partsOf(bytes) : [];
    packed.push({ name, pipeline, bytes, texts, whole, parts });
  }
  return packed;
}

function zipOf(...contents: readonly Buffer[]): Buffer {
  return zipBytes(
    contents.map((content, index) => ({ name: `${index}.csv`, content, stored: index === 1 })),
  );
}

const tablePipeline = pipelineOf(
  `version: 1
name: fuzz
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, birthDate: DOB, phone: Mobile, seenAt: Visit, addressLine: Address }
`,
  "/nowhere",
);

function manyTypes(): Buffer {
  const day = (number: number) => ({ number, format: "dd/mm/yyyy" });
  const people = Array.from({ length: 12 }, (_, row) => [
    row % 3 === 0 ? `A-${row}` : row + 1,
    row % 4 === 0 ? { inline: `Sunita ${row} "Devi", निशा` } : `Ram Lal ${row}`,
    row % 2 === 0 ? day(30_000 + row) : "01/02/1985",
    row % 5 === 0 ? { xml: '<c t="b"><v>1</v></c>' } : 9_810_012_300 + row,
    { number: 45_000.25 + row, format: "yyyy-mm-dd hh:mm" },
    row % 3 === 1 ? null : "Plot 7\nKarol Bagh",
  ]);
  const header = ["MRN", "Name", "DOB", "Mobile", "Visit", "Address"];
  const register = { name: "Register", rows: [["OPD register"], [], header, ...people] };
  return workbookBytes({ sheets: [{ name: "Notes", rows: [["none"]] }, register] });
}

async function partsOf(bytes: Buffer): Promise<readonly ZipPart[]> {
  const folder = mkdtempSync(join(tmpdir(), "hims-fuzz-parts-"));
  const path = join(folder, "given.xlsx");
  writeFileSync(path, bytes);
  const file = { path, name: "given.xlsx", bytes: bytes.length, modifiedAt: new Date(0) };
  const { signal } = new AbortController();
  try {
    const parts: ZipPart[] = [];
    for (const member of await listMembers(file, 1e9, signal)) {
      const content = await allOf(memberContent(file, member, 1e9, signal));
      parts.push({ name: member.name, content: Buffer.concat(content) });
    }
    return parts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const xmlSigns = [
  ...["<", ">", "</c>", "</row>", '<row r="7">', '<row r="1048577">', '<c r="A4">', "<v>", "</v>"],
  ...['<c r="XFE9" t="s"><v>99999</v></c>', '<c r="B5"><v>1e400</v></c>', '<c t="d"><v>x</v></c>'],
  ...["&#0;", "&#x110000;", "&lt", "&undefined;", '<!DOCTYPE a [<!ENTITY b "c">]>', "<![CDATA["],
  ...["]]>", "<!--", "-->", "<?x?>", 't="s"', 's="-1"', 's="4294967296"', "\u0000", "\ufffe"],
  ...['<mergeCell ref="A1:XFD1048576"/>', "<f>A1</f>", "<is><t>", 'date1904="1"', 'r="A0"'],
];

const xmlOperators = {
  "put signs of XML": ({ bytes, draw }: MutationSite): Change => {
    const from = draw(bytes.length + 1);
    return { from, to: from, put: Buffer.from(xmlSigns[draw(xmlSigns.length)] ?? "<") };
  },
  "change a digit": ({ bytes, draw }: MutationSite): Change | null => {
    const digits = [...bytes.toString("latin1").matchAll(/\d/g)];
    const from = digits[draw(digits.length)]?.index;
    const put = Buffer.from(String(draw(3) === 0 ? draw(1 << 30) : draw(10)));
    return from === undefined ? null : { from, to: from + 1, put };
  },
};

/** A packed file broken, or packed anew with one of its parts broken; null where nothing could be. */
export function packedMutantOf(seeds: readonly PackedSeed[], draw: Draw): PackedMutant | null {
  const workbooks = seeds.filter(({ parts }) => parts.length > 0);
  const some = draw(2) === 0 ? workbooks : seeds;
  const seed = some[draw(some.length)];
  const other = seeds[draw(seeds.length)]?.bytes;
  if (seed === undefined || other === undefined) return null;
  const part = draw(4) === 0 ? undefined : seed.parts[draw(seed.parts.length)];
  return part === undefined ? torn(seed, other, draw) : repacked(seed, part, { other, draw });
}

const anyOperators = { ...byteOperators, ...fileOperators };

function torn(seed: PackedSeed, other: Buffer, draw: Draw): PackedMutant | null {
  const mutant = broken(seed.bytes, anyOperators, { other, draw });
  if (mutant === null) return null;
  const { kind, bytes } = mutant;
  return { seed, kind, bytes, isRewritten: seed.parts.length > 0, row: null };
}

function repacked(
  seed: PackedSeed,
  part: ZipPart,
  drawn: { readonly other: Buffer; readonly draw: Draw },
): PackedMutant | null {
  const content = Buffer.from(part.content);
  const operators = drawn.draw(2) === 0 ? xmlOperators : anyOperators;
  const mutant = broken(content, operators, drawn);
  if (mutant === null) return null;
  const parts = seed.parts.map((one) => (one === part ? { ...one, content: mutant.bytes } : one));
  const rows = content.toString("latin1", 0, mutant.from).matchAll(/<row r="(\d+)"/g);
  const row = part.name.includes("/sheet") ? Number([...rows].at(-1)?.[1] ?? 0) : null;
  const kind = `${part.name}: ${mutant.kind}`;
  return { seed, kind, bytes: zipBytes(parts), isRewritten: true, row };
}

function broken(
  bytes: Buffer,
  operators: Readonly<Record<string, (site: FileSite) => Change | null>>,
  drawn: { readonly other: Buffer; readonly draw: Draw },
): Mutant | null {
  const kinds = Object.keys(operators);
  const whole = { bytes, offset: 0, length: bytes.length, encoding: "utf-8", delimiter: "," };
  const mutant = mutate({ ...whole, ...drawn }, operators, kinds[drawn.draw(kinds.length)] ?? "");
  return mutant === null || mutant.bytes.equals(bytes) ? null : mutant;
}
