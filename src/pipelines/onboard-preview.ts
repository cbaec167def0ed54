/** The first records of a source as the proposed pipeline would read them: people to look at, and rules that refuse records. */
import type { RawBatch } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { hl7File } from "../connectors/hl7-file.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import { mappedColumns } from "../records/field-map.ts";
import type { PatientFacts, RecordKey } from "../records/patient-record.ts";
import { columnKey } from "../records/row-reader.ts";
import type { Facility } from "../store/facilities.ts";
import type { CsvProposal } from "./onboard-proposal.ts";
import type { CsvSample, Hl7Sample } from "./onboard-sample.ts";
import type { PipelineHead, RuleCount } from "./onboard-text.ts";
import { type CsvPipeline, type PipelineFile, pipelineSchema } from "./pipeline-file.ts";
import { type ReadRecord, recordReading } from "./record-reading.ts";
import type { RunContext } from "./run-context.ts";

/** One record as a person: shown on the terminal, and nowhere else. */
export interface PreviewPerson {
  readonly key: RecordKey;
  readonly facts: Partial<PatientFacts>;
  /** Kinds of the events of the record. */
  readonly events: readonly string[];
}

export interface Preview {
  readonly people: readonly PreviewPerson[];
  readonly rules: readonly RuleCount[];
  /** Records looked at. */
  readonly read: number;
}

export interface Previewed {
  readonly preview: Preview;
  /** `auto` where the mapped columns find the header that was found; else its line. */
  readonly header: PipelineHead["header"];
}

export interface PreviewWork {
  readonly sample: CsvSample | Hl7Sample;
  readonly proposal: CsvProposal | null;
  readonly head: PipelineHead;
  readonly facility: Facility;
}

const peopleShown = 20;
const recordsRead = 20_000;

/** Reads the first records of the first file. */
export async function previewSource(
  work: PreviewWork,
  context: Pick<RunContext, "workspace" | "clock" | "signal">,
): Promise<Previewed> {
  const header = await headerSetting(work, context.signal);
  const pipeline = pipelineOf(
    { ...work, head: { ...work.head, header } },
    context.workspace.pipelinesFolder,
  );
  const [file] = work.sample.files;
  if (file === undefined) throw new Error("a source without files was sampled");
  const { facility } = work;
  const reading = recordReading(pipeline, {
    facility,
    fileName: file.name,
    fileDate: dayIn(file.modifiedAt, facility.timeZone),
    today: dayIn(context.clock.now(), facility.timeZone),
  });
  const tally = new PreviewTally();
  for await (const batch of batchesOf(pipeline, work.sample, context.signal)) {
    for (const record of reading.read(batch, Buffer.from(batch.bytes))) tally.add(record);
    if (tally.read >= recordsRead) break;
  }
  return { preview: tally.preview(), header };
}

/** Tomorrow's export may have one title line more: the mapped columns find the header, unless they find another line today. */
async function headerSetting(
  { sample, proposal, head }: PreviewWork,
  signal: AbortSignal,
): Promise<PipelineHead["header"]> {
  if (sample.format === "hl7" || proposal === null || sample.headerLine === null)
    return head.header;
  const expectedColumns = proposal.mapping.columns.map(({ column }) => column);
  const options = { encoding: "auto", delimiter: sample.delimiter, header: "auto" } as const;
  const wanted = sample.columns.map(columnKey).join("\u0000");
  for (const file of sample.files.slice(0, 1)) {
    for await (const { columns } of csvFile.read(file, options, {
      expectedColumns,
      signal,
      batchSize: 1,
    }))
      return (columns ?? []).map(columnKey).join("\u0000") === wanted ? "auto" : sample.headerLine;
  }
  return head.header;
}

function pipelineOf({ sample, proposal, head }: PreviewWork, folder: string): PipelineFile {
  const csv = sample.format === "csv" && proposal !== null;
  const given = {
    version: 1,
    name: head.name,
    facility: head.facility,
    source: csv
      ? {
          type: "csv",
          at: head.at,
          delimiter: sample.delimiter,
          header: head.header,
          dateOrder: proposal.dateOrder.order,
        }
      : { type: "hl7", at: head.at },
    ...(csv
      ? {
          record: proposal.mapping.record,
          fields: Object.fromEntries(proposal.fields.map(({ field, source }) => [field, source])),
        }
      : {}),
  };
  const checked = pipelineSchema.safeParse(given);
  if (checked.success) return { ...checked.data, path: "", folder };
  throw invalid(
    checked.error.issues[0]?.path.join(".") ?? "",
    checked.error.issues[0]?.message ?? "",
  );
}

function invalid(place: string, message: string): HimsError {
  return new HimsError("HIMS_ONBOARD_INVALID", {
    kind: "usage",
    message: `${place}: ${message}`,
    hint: "Check --facility, --name and the other flags: `hims onboard --help`.",
  });
}

async function* batchesOf(
  pipeline: PipelineFile,
  sample: CsvSample | Hl7Sample,
  signal: AbortSignal,
): AsyncIterable<RawBatch> {
  const [file] = sample.files;
  if (file === undefined) return;
  if (!isCsv(pipeline)) {
    yield* hl7File.read(file, {}, { expectedColumns: [], signal, batchSize: 1_000 });
    return;
  }
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields]);
  yield* csvFile.read(
    file,
    { encoding, delimiter, header },
    { expectedColumns, signal, batchSize: 5_000 },
  );
}

function isCsv(pipeline: PipelineFile): pipeline is CsvPipeline & PipelineFile {
  return "fields" in pipeline;
}

/** What the first records came to. */
class PreviewTally {
  read = 0;
  private readonly people: PreviewPerson[] = [];
  private readonly rules = new Map<string, RuleCount>();

  add({ said }: ReadRecord): void {
    this.read += 1;
    if (said.ok) {
      for (const { key, facts, events } of said.value.patients)
        if (this.people.length < peopleShown)
          this.people.push({ key, facts, events: events.map(({ kind }) => kind) });
      return;
    }
    for (const { rule, field, hint } of said.reasons) {
      const known = this.rules.get(`${rule} ${field}`);
      this.rules.set(`${rule} ${field}`, { rule, field, hint, records: (known?.records ?? 0) + 1 });
    }
  }

  preview(): Preview {
    const rules = [...this.rules.values()].sort((a, b) => b.records - a.records).slice(0, 10);
    return { people: this.people, rules, read: this.read };
  }
}
