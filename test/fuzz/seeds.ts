/** The files that are broken: golden cases, synthetic hospitals, and the samples that others have published. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type PipelineFile, pipelineSchema } from "../../src/pipelines/pipeline-file.ts";
import type { IsoDate } from "../../src/platform/ids.ts";
import { exportPathOf, pipelineYamlOf } from "../../src/synthetic/feed.ts";
import { feeds, synthesize } from "../../src/synthetic/synthesize.ts";
import { type FileReading, readWhole } from "../support/file-reading.ts";

/** A file to break, and the pipeline that reads it. */
export interface Seed {
  readonly name: string;
  readonly pipeline: PipelineFile;
  readonly bytes: Buffer;
  readonly whole: FileReading;
  readonly delimiter: string;
}

const largestSeedBytes = 200_000;
const root = join(import.meta.dirname, "..");

/** Every file of the golden cases that is not packed. */
export async function goldenSeeds(): Promise<readonly Seed[]> {
  const seeds: Seed[] = [];
  for (const { name, pipeline, bytes } of goldenFiles(/^given.*\.(?:csv|hl7)$/))
    seeds.push(await seedOf(name, pipeline, bytes));
  return seeds;
}

export interface GivenFile {
  readonly name: string;
  readonly pipeline: PipelineFile;
  readonly bytes: Buffer;
}

/** Files of the golden cases, by their names. */
export function goldenFiles(wanted: RegExp): readonly GivenFile[] {
  const folder = join(root, "golden");
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const home = join(folder, name);
      const pipeline = pipelineOf(readFileSync(join(home, "pipeline.yaml"), "utf8"), home);
      return readdirSync(home)
        .filter((file) => wanted.test(file))
        .map((file) => ({
          name: `${name}/${file}`,
          pipeline,
          bytes: readFileSync(join(home, file)),
        }));
    });
}

/** The exports of the synthetic hospitals, with their events and many fields; short, so that many mutants are made of each. */
export async function syntheticSeeds(): Promise<readonly Seed[]> {
  const options = { people: 30, seed: 3, today: "2026-11-01" as IsoDate };
  const exports = new Map([...synthesize(options)].map(({ path, chunks }) => [path, [...chunks]]));
  const seeds: Seed[] = [];
  for (const feed of feeds) {
    const bytes = Buffer.concat(exports.get(exportPathOf(feed)) ?? []);
    seeds.push(await seedOf(feed.pipeline, pipelineOf(pipelineYamlOf(feed), root), bytes));
  }
  return seeds;
}

/** The samples in a folder of shared data, where it is there. */
export async function sampleSeeds(folder: string): Promise<readonly Seed[]> {
  if (!existsSync(folder)) return [];
  return [...(await hl7Seeds(join(folder, "hl7"))), ...(await tableSeeds(folder))];
}

async function hl7Seeds(folder: string): Promise<readonly Seed[]> {
  const pipeline = pipelineWith("source: { type: hl7, at: . }");
  const seeds: Seed[] = [];
  for (const path of filesUnder(folder)) {
    if (!/\.(?:hl7|hl7v2|er7|txt|msg|dat)$/i.test(path)) continue;
    const bytes = readFileSync(path);
    if (bytes.includes("MSH")) seeds.push(await seedOf(path, pipeline, bytes));
  }
  return seeds;
}

const tables: Readonly<Record<string, string>> = {
  "linkage/febrl/dataset1.csv":
    "fields: { mrn: rec_id, givenName: given_name, familyName: surname, addressLine: address_1, locality: suburb, postalCode: postcode, birthDate: date_of_birth }",
  "linkage/febrl/dataset2.csv":
    "fields: { mrn: soc_sec_id, name: { columns: [given_name, surname] }, addressLine: { columns: [street_number, address_1, address_2] }, city: suburb, state: state }",
  "linkage/splink/fake_1000.csv":
    "fields: { mrn: unique_id, givenName: first_name, familyName: surname, birthDate: dob, city: city, email: email }",
  "linkage/splink/fake_1000_labels.csv":
    "fields: { mrn: unique_id_l, name: source_dataset_l, identifier: unique_id_r }",
  "abdm/abha-sample-numbers.tsv": "fields: { mrn: number, abhaNumber: number, name: luhn }",
};
const partBytes = 4_000;
const partsOfTable = 4;

/** Tables of people: the start of each, parts of it under its header, and the whole. */
async function tableSeeds(folder: string): Promise<readonly Seed[]> {
  const seeds: Seed[] = [];
  for (const [name, fields] of Object.entries(tables)) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const pipeline = pipelineWith(`source: { type: csv, at: ., dateOrder: ymd }\n${fields}`);
    const bytes = readFileSync(path);
    if (bytes.length < largestSeedBytes) seeds.push(await seedOf(path, pipeline, bytes));
    for (const [index, part] of partsOf(bytes).entries())
      seeds.push(await seedOf(`${path}, part ${index}`, pipeline, part));
  }
  return seeds;
}

function partsOf(bytes: Buffer): readonly Buffer[] {
  if (bytes.length < partBytes * partsOfTable) return [];
  const header = bytes.subarray(0, bytes.indexOf("\n") + 1);
  return Array.from({ length: partsOfTable }, (_, index) => {
    const about = header.length + Math.floor((bytes.length / partsOfTable) * index);
    const start = index === 0 ? header.length : bytes.indexOf("\n", about) + 1;
    const end = bytes.indexOf("\n", start + partBytes) + 1;
    return Buffer.concat([header, bytes.subarray(start, end === 0 ? bytes.length : end)]);
  });
}

function filesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => {
      const stats = statSync(path);
      return stats.isFile() && stats.size > 0 && stats.size < largestSeedBytes;
    })
    .sort();
}

function pipelineWith(yaml: string): PipelineFile {
  return pipelineOf(
    `version: 1\nname: fuzz\nfacility: { id: ddu, name: Test Hospital }\n${yaml}\n`,
    root,
  );
}

export function pipelineOf(yaml: string, folder: string): PipelineFile {
  return { ...pipelineSchema.parse(parse(yaml)), path: join(folder, "pipeline.yaml"), folder };
}

export async function seedOf(name: string, pipeline: PipelineFile, bytes: Buffer): Promise<Seed> {
  const whole = await readWhole(pipeline, bytes);
  const head = bytes.toString("latin1").replaceAll("\u0000", "").slice(0, 2_000);
  const signs = [",", ";", "\t", "|"].map((sign) => ({ sign, times: head.split(sign).length }));
  const delimiter = signs.sort((a, b) => b.times - a.times)[0]?.sign ?? ",";
  return { name, pipeline, bytes, whole, delimiter };
}
