/** Blocking, comparing and clustering in memory, without a store: features in, partition out. */
import { join } from "node:path";
import { cluster } from "../../src/matching/cluster.ts";
import { evaluatePartition } from "../../src/matching/evaluation.ts";
import { buildFeatureColumns, type RecordFeatures } from "../../src/matching/feature-columns.ts";
import { link } from "../../src/matching/link.ts";
import { matchModelSchema } from "../../src/matching/match-model.ts";
import type { IsoDate, RecordId } from "../../src/platform/ids.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import { readYamlFile } from "../../src/platform/yaml-file.ts";
import { abhaNumberOf } from "../../src/records/abha.ts";
import { normalizeName } from "../../src/records/normalize-name.ts";
import { normalizePhone } from "../../src/records/normalize-phone.ts";
import { asIso } from "../../src/synthetic/calendar.ts";
import { peopleOf, registrationsOf } from "../../src/synthetic/population.ts";
import { type WrittenRecord, writtenRecord } from "../../src/synthetic/written-record.ts";
import { type BenchOptions, bestSeconds, type Measurement } from "../measurement.ts";

const defaultPeople = 100_000;
const seed = 24;

export async function* benchLink(options: BenchOptions): AsyncIterable<Measurement> {
  const people = options.size ?? defaultPeople;
  const { records, truth } = recordsOf(people);
  const model = readYamlFile(join(packageRoot(), "models", "match-model.yaml"), matchModelSchema, {
    environment: process.env,
  });
  const whole = await bestSeconds(options.repeats, () => {
    const columns = buildFeatureColumns(records);
    return { columns, partition: cluster(columns, link(columns, model), []) };
  });
  const floor = await bestSeconds(options.repeats, () => groupByText(records));
  const note = `${records.length} records of ${people} people, best of ${options.repeats}`;
  const rate = (seconds: number) => records.length / seconds;
  yield {
    name: "link/records",
    value: rate(whole.seconds),
    unit: "records/s",
    against: { name: "one Map of name and birth date", value: rate(floor.seconds) },
    note,
  };
  const { columns, partition } = whole.answer;
  const found = new Map<string, string>();
  for (const [index, label] of partition.cluster.entries())
    found.set(String(columns.recordId[index]), String(label));
  const { pairwise } = evaluatePartition(truth, found);
  const quality = { unit: "of 1", against: null, note: `pairwise; ${note}` };
  yield { name: "link/precision", value: pairwise.precision, ...quality };
  yield { name: "link/recall", value: pairwise.recall, ...quality };
}

/** What any linking has to do at least: look at every record once and find its like. */
function groupByText(records: readonly RecordFeatures[]): number {
  const groups = new Map<string, number>();
  for (const { name, birthDate } of records) {
    const key = `${name} ${birthDate?.date ?? ""}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return groups.size;
}

/** Records as five hospitals wrote them, normalized, and who they truly are: record id -> person. */
function recordsOf(people: number) {
  const options = { people, seed, today: "2026-11-01" as IsoDate };
  const records: RecordFeatures[] = [];
  const truth = new Map<string, string>();
  for (const person of peopleOf(options, 0)) {
    for (const registration of registrationsOf(options, person)) {
      const recordId = BigInt(records.length + 1) as RecordId;
      records.push(featuresOf(recordId, writtenRecord(seed, registration)));
      truth.set(String(recordId), String(person.index));
    }
  }
  return { records, truth };
}

function featuresOf(recordId: RecordId, record: WrittenRecord): RecordFeatures {
  const { birth, name } = record;
  const phone = normalizePhone(record.phone);
  const abha = abhaNumberOf(record.abha);
  const part = (text: string) => normalizeName(text).name;
  return {
    recordId,
    name: part(name.full),
    nameLocal: part(name.local),
    givenName: part(name.given),
    middleName: part(name.middle),
    familyName: part(name.family),
    sex: record.sex,
    birthDate:
      birth.kind === "date" ? { date: asIso(birth.date) as IsoDate, precision: "day" } : null,
    phones: phone.ok ? [phone.value] : [],
    abhaNumbers: abha === null ? [] : [abha],
  };
}
