/** Each folder here is one layout of an export, and what its columns are. Adding a hospital's odd layout is adding a folder. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CsvProposal, proposeCsv } from "../../src/pipelines/onboard-proposal.ts";
import { type CsvSample, sampleSource } from "../../src/pipelines/onboard-sample.ts";
import { HimsError } from "../../src/platform/errors.ts";
import type { IsoDate } from "../../src/platform/ids.ts";

interface Then {
  /** Code of the error where the layout must be refused; then nothing else is given. */
  readonly error?: string;
  readonly delimiter: string;
  readonly headerRow: number | null;
  /** Column -> field (`age, sex` where it gives both); columns that are not named stay unmapped. */
  readonly mapping: Readonly<Record<string, string>>;
  readonly record?: string;
  readonly eventKind?: string;
  readonly dateOrder?: string;
  /** Columns that must be told to be swapped. */
  readonly swapped?: readonly string[];
}

interface Outcome {
  readonly sample: CsvSample;
  readonly proposal: CsvProposal | HimsError;
}

const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(cases)("%s", async (name) => {
  const then = thenOf(name);

  const { sample, proposal } = await proposed(name);

  if (then.error !== undefined || proposal instanceof HimsError) {
    expect(proposal).toMatchObject({ code: then.error });
    return;
  }
  expect({ delimiter: sample.delimiter, headerRow: sample.headerLine }).toEqual({
    delimiter: then.delimiter,
    headerRow: then.headerRow,
  });
  expect(proposal.mapping.eventKind).toBe(then.eventKind ?? null);
  expect(proposal.mapping.record).toBe(then.record ?? "patient");
  if (then.dateOrder !== undefined) expect(proposal.dateOrder.order).toBe(then.dateOrder);
  expect(proposal.swaps.flatMap(({ columns }) => columns).sort()).toEqual(then.swapped ?? []);
  expect(mappingOf(proposal)).toEqual(then.mapping);
});

/** A new layout may fail in a column; that of all of them few do is what onboarding is judged by. */
test("of the columns of all layouts at least 97 % are mapped rightly, and hardly one is mapped wrongly", async () => {
  let columns = 0;
  let wrong = 0;
  let missed = 0;
  for (const name of cases) {
    const then = thenOf(name);
    const { sample, proposal } = await proposed(name);
    if (then.error !== undefined || proposal instanceof HimsError) continue;
    const found = mappingOf(proposal);
    for (const column of sample.columns) {
      columns += 1;
      const isMapped = found[column] !== undefined;
      if (found[column] === then.mapping[column]) continue;
      if (isMapped) wrong += 1;
      else missed += 1;
    }
  }
  expect(columns).toBeGreaterThan(250);
  expect(wrong / columns).toBeLessThan(0.01);
  expect((wrong + missed) / columns).toBeLessThan(0.03);
});

async function proposed(name: string): Promise<Outcome> {
  const path = join(import.meta.dirname, name, "given.csv");
  const { size, mtime } = statSync(path);
  const file = { path, name: "given.csv", bytes: size, modifiedAt: mtime };
  const sample = await sampleSource([file], new AbortController().signal);
  if (sample.format !== "csv") throw new Error("a CSV case was taken for HL7");
  const options = { today: "2026-11-20" as IsoDate, dateOrder: null, fixed: new Map() };
  try {
    return { sample, proposal: proposeCsv(sample, options) };
  } catch (error) {
    if (error instanceof HimsError) return { sample, proposal: error };
    throw error;
  }
}

function mappingOf({ mapping }: CsvProposal): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const { column, field } of mapping.columns) {
    const other = fields.get(column);
    fields.set(column, other === undefined ? field : `${other}, ${field}`);
  }
  return Object.fromEntries(fields);
}

function thenOf(name: string): Then {
  return JSON.parse(readFileSync(join(import.meta.dirname, name, "then.json"), "utf8")) as Then;
}
