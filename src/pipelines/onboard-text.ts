/** A proposal written down: the commented pipeline file and the report. Columns, shapes and counts; never a patient's value. */
import { visibleLine } from "../platform/visible-text.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import type { MappedField } from "./onboard-fields.ts";
import type { CsvProposal } from "./onboard-proposal.ts";
import type { CsvSample, Hl7Sample } from "./onboard-sample.ts";
import type { FacilityInput } from "./register-facility.ts";

/** What a pipeline file says besides its map. */
export interface PipelineHead {
  readonly name: string;
  /** All about a facility that is new; the id of one that is registered. */
  readonly facility: FacilityInput | string;
  /** Relative to the pipeline file. */
  readonly at: string;
  /** `auto`, or a line where that would find another header. */
  readonly header: "auto" | "none" | number;
  /** Percent; null until the dry run has told. */
  readonly maxQuarantine: number | null;
}

/** The text of `pipelines/NAME.yaml` for a CSV source. */
export function csvPipelineText(
  head: PipelineHead,
  sample: CsvSample,
  proposal: CsvProposal,
): string {
  const { mapping, dateOrder } = proposal;
  return [
    ...headLines(head),
    "source:",
    "  type: csv",
    `  at: ${scalar(head.at)}`,
    `  encoding: auto   # found: ${sample.encoding}${sample.isEncodingMixed ? ", and another in some lines" : ""}`,
    `  delimiter: ${scalar(sample.delimiter)}`,
    `  header: ${head.header}   # found: ${sample.headerLine === null ? "none" : `line ${sample.headerLine}`}`,
    `  dateOrder: ${dateOrder.order}   # ${comment(dateOrder.evidence)}`,
    ...(mapping.record === "event"
      ? ["record: event   # rows fill blanks of a patient, and overrule nothing"]
      : []),
    "fields:",
    ...proposal.fields.map(fieldLine),
    ...mapping.unmapped.map((column) => `  # not mapped: ${comment(column)}`),
    ...gateLines(head),
    "",
  ].join("\n");
}

/** The text of `pipelines/NAME.yaml` for HL7 files, which need no map. */
export function hl7PipelineText(head: PipelineHead): string {
  return [
    ...headLines(head),
    "source:",
    "  type: hl7",
    `  at: ${scalar(head.at)}`,
    ...gateLines(head),
    "",
  ].join("\n");
}

function headLines({ name, facility }: PipelineHead): readonly string[] {
  const written = typeof facility === "string" ? scalar(facility) : facilityText(facility);
  return [
    "# Proposed by `hims onboard`. Read it, change what is wrong, then: hims pipeline check and hims run.",
    "version: 1",
    `name: ${name}`,
    `facility: ${written}`,
  ];
}

function facilityText(facility: FacilityInput): string {
  const parts = [
    `id: ${scalar(facility.id)}`,
    `name: ${scalar(facility.name)}`,
    ...(facility.ownership ? [`ownership: ${facility.ownership}`] : []),
    ...(facility.kind ? [`kind: ${facility.kind}`] : []),
    ...((facility.authorities ?? []).length === 0
      ? []
      : [`authorities: [${(facility.authorities ?? []).map(scalar).join(", ")}]`]),
  ];
  return `{ ${parts.join(", ")} }`;
}

function gateLines({ maxQuarantine }: PipelineHead): readonly string[] {
  if (maxQuarantine === null) return [];
  return [
    `gate: { max_quarantine: ${maxQuarantine} }   # percent: twice what the dry run refused, at least 10`,
  ];
}

function fieldLine({ field, source, confidence, shape, note }: MappedField): string {
  const { column, ...rest } = source;
  const isPlain = column !== undefined && Object.keys(rest).length === 0;
  const value = isPlain ? scalar(column) : flowMap(source);
  const remarks = [
    confidence === null ? null : `${confidence.toFixed(2)}`,
    shape === null ? null : `e.g. ${comment(shape)}`,
    note,
  ].filter((remark) => remark !== null);
  return `  ${field}: ${value}${remarks.length === 0 ? "" : `   # ${remarks.join(", ")}`}`;
}

function flowMap(source: MappedField["source"]): string {
  const parts = Object.entries(source).map(([key, value]) => `${key}: ${flowValue(value)}`);
  return `{ ${parts.join(", ")} }`;
}

function flowValue(value: string | readonly string[] | Readonly<Record<string, string>>): string {
  if (typeof value === "string") return scalar(value);
  if (Array.isArray(value)) return `[${value.map(scalar).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([code, meaning]) => `${scalar(code)}: ${scalar(meaning)}`)
    .join(", ")} }`;
}

/** Plain where YAML reads it as this very text, else in double quotes, whose escapes JSON shares. */
function scalar(text: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{M}\p{N}_]*(?: [\p{L}\p{M}\p{N}_]+)*$/u.test(text);
  const isWord = /^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return isPlain && !isWord ? text : JSON.stringify(text);
}

/** One line, in which nothing acts on a terminal. */
function comment(text: string): string {
  return maskAadhaar(visibleLine(text));
}

/** Counts of the dry run. */
export interface DryRunCounts {
  readonly read: number;
  readonly loaded: number;
  readonly quarantined: number;
}

/** How often a rule refused a record of the first rows. */
export interface RuleCount {
  readonly rule: string;
  readonly field: string | null;
  readonly hint: string;
  readonly records: number;
}

export interface ReportParts {
  readonly head: PipelineHead;
  readonly sample: CsvSample | Hl7Sample;
  /** Null for HL7. */
  readonly proposal: CsvProposal | null;
  readonly warnings: readonly string[];
  readonly rules: readonly RuleCount[];
  readonly dryRun: DryRunCounts;
}

/** The report as Markdown. */
export function reportText({
  head,
  sample,
  proposal,
  warnings,
  rules,
  dryRun,
}: ReportParts): string {
  return [
    `# Onboarding of ${head.name}`,
    "",
    `- source: ${comment(head.at)}, ${sample.files.length} file(s), ${sample.records} records`,
    `- format: ${sample.format}, ${sample.encoding}`,
    ...(sample.format === "csv"
      ? [`- delimiter: ${JSON.stringify(sample.delimiter)}, header: ${sample.headerLine ?? "none"}`]
      : [`- MSH-4: ${sample.sendingFacilities.slice(0, 10).map(comment).join(", ")}`]),
    `- dry run: read ${dryRun.read} = loaded ${dryRun.loaded} + unchanged ${dryRun.read - dryRun.loaded - dryRun.quarantined} + quarantined ${dryRun.quarantined}`,
    "",
    ...section(
      "Warnings",
      warnings.map((warning) => `- ${comment(warning)}`),
    ),
    ...(proposal === null ? [] : columnSection(proposal)),
    ...section(
      "What was refused among the first records",
      rules.map(
        ({ rule, field, hint, records }) =>
          `- ${rule}${field === null ? "" : ` (${field})`}: ${records}. ${hint}`,
      ),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines, ""];
}

function columnSection({ profiles, mapping }: CsvProposal): readonly string[] {
  const rows = [...profiles.values()].map((profile) => {
    const mapped = mapping.columns.filter(({ column }) => column === profile.column);
    const cells = [
      comment(profile.column).replaceAll("|", "\\|"),
      mapped.map(({ field }) => field).join(", "),
      mapped[0]?.confidence.toFixed(2) ?? "",
      `${Math.round(profile.blankRate * 100)} %`,
      String(profile.distinct),
      comment(profile.shape ?? "").replaceAll("|", "\\|"),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return section("Columns", [
    "| column | field | confidence | blank | different | commonest shape |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ]);
}
