/** A small workspace with one CSV pipeline `opd` and its own embedded database, for tests that run commands as processes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CliOptions, type CliRun, runHims, temporaryFolder } from "./cli.ts";

export const header = "MRN,Name,Sex,DOB\n";

export interface CsvWorkspace {
  readonly path: string;
  /** Runs `hims` in the workspace, answers in JSON. */
  readonly hims: (args: readonly string[], options?: CliOptions) => Promise<CliRun>;
  /** Writes a file of the workspace; answers its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
  readonly hash: () => Promise<string>;
  /** Stops the database and removes everything. */
  readonly remove: () => Promise<void>;
}

export function pipelineYaml(name: string, rest = ""): string {
  return `version: 1
name: ${name}
facility: { id: ddu, name: Test Hospital, ownership: delhi_govt, kind: hospital }
source: { type: csv, at: ../exports/${name}*.csv }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB }
${rest}`;
}

/** @param folder an empty one; `remove` takes it away */
export async function csvWorkspace(folder = temporaryFolder()): Promise<CsvWorkspace> {
  const path = folder.path;
  const hims: CsvWorkspace["hims"] = (args, options = {}) =>
    runHims([...args, "--json"], { cwd: path, ...options });
  const write: CsvWorkspace["write"] = (name, content) => {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), content);
    return join(path, name);
  };
  await hims(["init"]);
  write("pipelines/opd.yaml", pipelineYaml("opd"));
  write("exports/.keep", "");
  return {
    path,
    hims,
    write,
    hash: async () => (await hims(["db", "hash"])).json?.data.hash,
    remove: async () => {
      await hims(["db", "stop"]);
      folder.remove();
    },
  };
}

/** Rows of distinct made-up people. */
export function manyRows(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) =>
      `${index + 1},Person ${index},${index % 2 === 0 ? "F" : "M"},01/02/19${10 + (index % 90)}`,
  );
  return `${header}${rows.join("\n")}\n`;
}
