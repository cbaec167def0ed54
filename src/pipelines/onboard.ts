/** Bringing a hospital live: look at its export, propose a pipeline, write it, and try it out without keeping anything. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { dayIn } from "../platform/calendar-day.ts";
import type { Clock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";
import type { FacilityId } from "../platform/ids.ts";
import type { Workspace } from "../platform/workspace.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import type { DateOrder, MapField } from "../records/field-map.ts";
import { addFacility, type Facility, findFacility } from "../store/facilities.ts";
import { ingest } from "./ingest.ts";
import { type Preview, previewSource } from "./onboard-preview.ts";
import { type CsvProposal, proposeCsv } from "./onboard-proposal.ts";
import { type CsvSample, type Hl7Sample, sampleSource } from "./onboard-sample.ts";
import {
  csvPipelineText,
  type DryRunCounts,
  hl7PipelineText,
  type PipelineHead,
  reportText,
} from "./onboard-text.ts";
import { type PipelineFile, pipelineSchema } from "./pipeline-file.ts";
import { loadPipeline } from "./pipeline-list.ts";
import { type FacilityInput, registerFacility } from "./register-facility.ts";
import type { RunContext } from "./run-context.ts";
import { listSourceFiles } from "./source-listing.ts";

export interface OnboardRequest {
  /** A file or a folder, as typed. */
  readonly source: string;
  readonly name: string;
  readonly facility: {
    readonly id: string;
    readonly name: string | null;
    readonly ownership: Facility["ownership"];
    readonly kind: Facility["kind"];
  };
  readonly dateOrder: DateOrder | null;
  /** Field -> column, said by the operator. */
  readonly fixed: ReadonlyMap<MapField, string>;
  /** Overwrites a pipeline file of this name. */
  readonly force: boolean;
}

/** A proposal: nothing is written yet. */
export interface Onboarding {
  readonly request: OnboardRequest;
  readonly sample: CsvSample | Hl7Sample;
  /** Null for HL7. */
  readonly proposal: CsvProposal | null;
  readonly head: PipelineHead;
  readonly text: string;
  readonly preview: Preview;
  readonly warnings: readonly string[];
}

/** `data` of `hims onboard`. */
export interface OnboardReport {
  readonly pipeline: string;
  readonly facility: string;
  readonly format: "csv" | "hl7";
  readonly encoding: string;
  readonly delimiter: string | null;
  readonly headerRow: number | null;
  readonly record: "patient" | "event" | null;
  readonly eventKind: string | null;
  readonly dateOrder: string | null;
  readonly mapping: readonly {
    readonly column: string;
    readonly field: string;
    readonly confidence: number;
  }[];
  readonly unmapped: readonly string[];
  readonly swaps: readonly {
    readonly columns: readonly string[];
    readonly fields: readonly string[];
    readonly reason: string;
  }[];
  readonly authorities: readonly string[];
  /** Path of the pipeline file; null while it is only proposed. */
  readonly file: string | null;
  /** Path of the report (Markdown, no patient's value); null while nothing is written. */
  readonly report: string | null;
  readonly dryRun: DryRunCounts | null;
}

/** Looks at the source and proposes; changes nothing. */
export async function proposeOnboarding(
  request: OnboardRequest,
  context: Pick<RunContext, "workspace" | "clock" | "signal" | "config">,
  registered: Facility | null,
): Promise<Onboarding> {
  refuseExisting(request, context.workspace);
  const path = resolve(request.source);
  const files = await listSourceFiles(path, process.cwd());
  const sample = await sampleSource(files, context.signal);
  const zone = registered?.timeZone ?? context.config.timezone;
  const today = dayIn(context.clock.now(), zone);
  const proposal =
    sample.format === "csv"
      ? proposeCsv(sample, {
          today,
          dateOrder: request.dateOrder,
          fixed: fixedColumns(request, sample),
        })
      : null;
  const authorities = authoritiesOf(sample);
  const facility = registered === null ? newFacility(request, authorities) : registered.id;
  const draft: PipelineHead = {
    name: request.name,
    facility,
    at: relative(context.workspace.pipelinesFolder, path).split(sep).join("/") || ".",
    header: sample.format === "csv" && sample.headerLine === null ? "none" : "auto",
    maxQuarantine: null,
  };
  const previewed = await previewSource(
    { sample, proposal, head: draft, facility: facilityRecord(registered, facility, zone) },
    context,
  );
  const head = { ...draft, header: previewed.header };
  return {
    request,
    sample,
    proposal,
    head,
    text: textOf(head, sample, proposal),
    preview: previewed.preview,
    warnings: [
      ...(proposal?.warnings ?? []),
      ...facilityWarnings(request, registered),
      ...senderWarnings(sample),
    ].map(maskAadhaar),
  };
}

/** Registers the facility, writes the pipeline file and the report, and runs the pipeline dry. */
export async function settleOnboarding(
  onboarding: Onboarding,
  context: RunContext,
): Promise<OnboardReport> {
  const { request, sample, proposal } = onboarding;
  await ensureFacility(onboarding, context);
  const path = pipelinePath(request.name, context.workspace);
  mkdirSync(context.workspace.pipelinesFolder, { recursive: true });
  const earlier = existsSync(path) ? readFileSync(path) : null;
  try {
    writeFileSync(path, onboarding.text);
    const dryRun = await runDry(
      loadPipeline(path, context.workspace, context.environment),
      context,
    );
    const head = { ...onboarding.head, maxQuarantine: gateOf(dryRun) };
    writeFileSync(path, textOf(head, sample, proposal));
    const report = writeReport({ ...onboarding, head }, dryRun, context);
    return { ...onboardReport(onboarding), file: path, report, dryRun };
  } catch (error) {
    // A pipeline that could not even be tried out is none: the next attempt finds what was there before.
    if (earlier === null) rmSync(path, { force: true });
    else writeFileSync(path, earlier);
    throw error;
  }
}

/** What an operator should know of the dry run. No values. */
export function dryRunWarnings(
  { preview }: Onboarding,
  { dryRun }: OnboardReport,
): readonly string[] {
  if (dryRun === null || dryRun.quarantined <= dryRun.read / 2) return [];
  const [first] = preview.rules;
  const reason = first === undefined ? "" : `, most often for ${first.rule}: ${first.hint}`;
  return [`${dryRun.quarantined} of ${dryRun.read} records would be refused${reason}`];
}

/** What is proposed, as `--json` tells it; nothing is written yet. */
export function onboardReport({ request, sample, proposal }: Onboarding): OnboardReport {
  const isCsv = sample.format === "csv";
  return {
    pipeline: request.name,
    facility: request.facility.id,
    format: sample.format,
    encoding: sample.encoding,
    delimiter: isCsv ? sample.delimiter : null,
    headerRow: isCsv ? sample.headerLine : null,
    record: proposal?.mapping.record ?? null,
    eventKind: proposal?.mapping.eventKind ?? null,
    dateOrder: proposal?.dateOrder.order ?? null,
    mapping: (proposal?.mapping.columns ?? []).map(({ column, field, confidence }) => ({
      column: maskAadhaar(column),
      field,
      confidence,
    })),
    unmapped: (proposal?.mapping.unmapped ?? []).map(maskAadhaar),
    swaps: proposal?.swaps ?? [],
    authorities: authoritiesOf(sample),
    file: null,
    report: null,
    dryRun: null,
  };
}

function textOf(
  head: PipelineHead,
  sample: CsvSample | Hl7Sample,
  proposal: CsvProposal | null,
): string {
  if (sample.format === "hl7" || proposal === null) return hl7PipelineText(head);
  return csvPipelineText(head, sample, proposal);
}

function pipelinePath(name: string, workspace: Workspace): string {
  return join(workspace.pipelinesFolder, `${name}.yaml`);
}

/** Checked first of all: an operator should not wait for a look at a file that cannot be used. */
function refuseExisting(request: OnboardRequest, workspace: Workspace): void {
  const name = pipelineSchema.options[1].shape.name.safeParse(request.name);
  if (!name.success) {
    throw new HimsError("HIMS_ONBOARD_NAME", {
      kind: "usage",
      message: `--name: ${name.error.issues[0]?.message ?? "not a name of a pipeline"}`,
      hint: "The name of the pipeline and of its file, such as ddu-opd.",
    });
  }
  const path = pipelinePath(request.name, workspace);
  if (!existsSync(path) || request.force) return;
  throw new HimsError("HIMS_ONBOARD_EXISTS", {
    kind: "usage",
    message: "there is a pipeline file of this name; nothing was written",
    hint: "Choose another --name, or write over it with --force.",
    at: { file: path },
  });
}

function fixedColumns(
  { fixed }: OnboardRequest,
  { columns }: CsvSample,
): ReadonlyMap<MapField, string> {
  const keyOf = (text: string) => text.replace(/\s+/g, " ").trim().toLowerCase();
  return new Map(
    [...fixed].map(([field, asked]) => {
      const column = columns.find((candidate) => keyOf(candidate) === keyOf(asked));
      if (column !== undefined) return [field, column];
      throw new HimsError("HIMS_ONBOARD_COLUMN", {
        kind: "usage",
        message: `the export has no column ${JSON.stringify(asked)}`,
        hint: `The columns are: ${columns
          .slice(0, 40)
          .map((name) => JSON.stringify(maskAadhaar(name)))
          .join(", ")}.`,
      });
    }),
  );
}

/** Only a sender's own MSH-4 is proposed: of several, a person must say which are this facility's. */
function authoritiesOf(sample: CsvSample | Hl7Sample): readonly string[] {
  if (sample.format === "csv" || sample.sendingFacilities.length !== 1) return [];
  return sample.sendingFacilities;
}

function senderWarnings(sample: CsvSample | Hl7Sample): readonly string[] {
  if (sample.format === "csv") return [];
  const { sendingFacilities } = sample;
  if (sendingFacilities.length === 0)
    return ["no message names its sender in MSH-4; no assigning authority is proposed"];
  if (sendingFacilities.length === 1) return [];
  return [
    `the messages come from ${sendingFacilities.length} senders (MSH-4: ${sendingFacilities.slice(0, 5).join(", ")}); add those that are this facility's to \`authorities\``,
  ];
}

function newFacility({ facility }: OnboardRequest, authorities: readonly string[]): FacilityInput {
  const { id, name, ownership, kind } = facility;
  return { id, name: name ?? id, ownership, kind, authorities: [...authorities] };
}

function facilityWarnings(
  { facility }: OnboardRequest,
  registered: Facility | null,
): readonly string[] {
  if (registered !== null) {
    const isOther =
      (facility.ownership ?? registered.ownership) !== registered.ownership ||
      (facility.kind ?? registered.kind) !== registered.kind;
    return isOther
      ? [`the facility ${registered.id} is registered already and keeps its ownership and kind`]
      : [];
  }
  const missing = [
    facility.ownership === null ? "--ownership" : null,
    facility.kind === null ? "--kind" : null,
  ].filter((flag) => flag !== null);
  return missing.length === 0
    ? []
    : [
        `the facility ${facility.id} is created without ${missing.join(" and ")}: reports by class of ownership will not count it`,
      ];
}

/** The facility as the store would tell it, for a look ahead of its registration. */
function facilityRecord(
  registered: Facility | null,
  input: FacilityInput | string,
  zone: string,
): Facility {
  if (registered !== null || typeof input === "string") {
    if (registered === null) throw new Error("a registered facility was not given");
    return registered;
  }
  const { id, name, ownership = null, kind = null, authorities = [] } = input;
  return {
    id: id as FacilityId,
    name,
    ownership,
    kind,
    authorities,
    state: "active",
    timeZone: zone,
  };
}

async function ensureFacility({ head, sample }: Onboarding, context: RunContext): Promise<void> {
  if (typeof head.facility !== "string") {
    await registerFacility(
      context.database,
      { ...head.facility, timeZone: context.config.timezone },
      context.clock,
    );
    return;
  }
  const registered = await findFacility(context.database.writer, head.facility);
  const authorities = authoritiesOf(sample);
  if (registered === null || authorities.length === 0) return;
  // Adds what the facility does not own yet, and refuses what another one does.
  await context.database.transaction((tx) =>
    addFacility(tx, { ...registered, authorities }, context.clock.now()),
  );
}

async function runDry(pipeline: PipelineFile, context: RunContext): Promise<DryRunCounts> {
  const options = {
    file: null,
    full: true,
    since: null,
    dryRun: true,
    maxQuarantine: 100,
    slot: null,
  };
  const { read, loaded, quarantined, error } = await ingest(pipeline, options, context);
  if (error !== null) throw error;
  return { read, loaded, quarantined };
}

/** Percent: twice what the dry run refused, at least 10 (design decisions, "Names, places, defaults"). */
function gateOf({ read, quarantined }: DryRunCounts): number {
  const rate = read === 0 ? 0 : (quarantined / read) * 100;
  return Math.min(100, Math.max(10, Math.ceil(rate * 2)));
}

function writeReport(
  onboarding: Onboarding,
  dryRun: DryRunCounts,
  context: { workspace: Workspace; clock: Clock },
): string {
  const folder = join(context.workspace.filesFolder, "onboard");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${onboarding.request.name}.md`);
  const { head, sample, proposal, warnings, preview } = onboarding;
  writeFileSync(
    path,
    reportText({ head, sample, proposal, warnings, rules: preview.rules, dryRun }),
    { mode: 0o600 },
  );
  return path;
}
