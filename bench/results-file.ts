/** `bench/RESULTS.md`: one section for each recorded run, newest last, never edited afterwards. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/platform/package-root.ts";
import { type Measurement, ratioOf, rounded } from "./measurement.ts";

const head = `# Results of \`npm run bench\`

Appended by \`npm run bench -- NAME --record\`. A ratio is ours divided by the value beside it, both measured in the same run:
compare ratios between machines, and values only on one.
`;

export interface RecordedRun {
  readonly at: Date;
  readonly machine: string;
  readonly load: number;
  readonly command: string;
  readonly measurements: readonly Measurement[];
}

export function recordRun(run: RecordedRun): void {
  const path = join(packageRoot(), "bench", "RESULTS.md");
  if (!existsSync(path)) writeFileSync(path, head);
  appendFileSync(path, sectionOf(run));
}

function sectionOf({ at, machine, load, command, measurements }: RecordedRun): string {
  const rows = measurements.map(rowOf).join("\n");
  return `
## ${at.toISOString().slice(0, 16).replace("T", " ")} UTC: ${command}

${machine}; load ${load} at the end.

| measured | value | unit | against | value | ratio | limit | note |
|---|--:|---|---|--:|--:|---|---|
${rows}
`;
}

function rowOf(measurement: Measurement): string {
  const { name, value, unit, against, limit, note } = measurement;
  const cells = [
    name,
    rounded(value),
    unit,
    against?.name ?? "",
    against === null ? "" : rounded(against.value),
    ratioOf(measurement) ?? "",
    limit ?? "",
    note ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
}
