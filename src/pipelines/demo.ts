/** The whole way in one go, on synthetic people: exports of unlike hospitals, ingestion, linking, cards, an API key. */
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline as pump } from "node:stream/promises";
import type { Evaluation, Quality } from "../matching/evaluation.ts";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate } from "../platform/ids.ts";
import { type Workspace, workspaceAt } from "../platform/workspace.ts";
import { createWorkspace } from "../platform/workspace-creation.ts";
import { createApiKey } from "../store/api-keys.ts";
import { stopEmbeddedPostgres } from "../store/embedded-postgres.ts";
import { synthesize } from "../synthetic/synthesize.ts";
import { evaluateStore } from "./evaluate.ts";
import { issueCards } from "./issue-cards.ts";
import { requestedPipelines } from "./requested-pipelines.ts";
import type { RunContext } from "./run-context.ts";
import { type RunOutcome, type RunReport, runPipelines } from "./run-pipelines.ts";

export interface DemoOptions {
  readonly folder: string;
  /** Distinct humans. */
  readonly people: number;
  readonly seed: number;
}

/** `data` of `hims demo --json`. */
export interface DemoReport extends RunReport {
  readonly matching: Quality;
  readonly bcubed: Quality;
  readonly cards: {
    readonly made: number;
    readonly held: Readonly<Record<string, number>>;
    readonly seconds: number;
  };
  /** Absolute paths of every file the demo made. */
  readonly files: readonly string[];
  readonly url: string | null;
  /** Of a key that may read patients; made for this demo. */
  readonly apiKey: string;
  readonly workspace: string;
  readonly seconds: number;
}

/** The day the synthetic exports were written: a fixed one, so that the same seed gives the same figures on any day. */
const exportDay = "2026-11-01" as IsoDate;
/** Only a folder with this file may be replaced. */
const marker = ".hims-demo";

/**
 * Makes the demo's workspace with its exports; an earlier demo there is stopped and replaced.
 * @throws HimsError HIMS_DEMO_FOLDER for any other folder that is not empty
 */
export async function prepareDemo(
  options: DemoOptions,
): Promise<{ readonly workspace: Workspace; readonly files: readonly string[] }> {
  const { folder, people, seed } = options;
  await clearFolder(folder);
  const workspace = createWorkspace(folder, null);
  writeFileSync(join(folder, marker), "This folder is replaced by the next `hims demo`.\n");
  const files = ["hims.yaml", ".gitignore", marker].map((name) => join(folder, name));
  for (const file of synthesize({ people, seed, today: exportDay })) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    await pump(Readable.from(file.chunks), createWriteStream(path));
    utimesSync(path, new Date(`${exportDay}T20:00:00Z`), new Date(`${exportDay}T20:00:00Z`));
    files.push(path);
  }
  return { workspace, files };
}

async function clearFolder(folder: string): Promise<void> {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  if (!existsSync(join(folder, marker))) {
    throw new HimsError("HIMS_DEMO_FOLDER", {
      kind: "usage",
      message: "the folder is not empty and holds no earlier demo",
      hint: "Give --dir an empty or a new folder.",
      at: { file: folder },
    });
  }
  await stopEmbeddedPostgres({ stateRoot: workspaceAt(folder).stateRoot });
  rmSync(folder, { recursive: true, force: true });
}

/** Runs the main job on a prepared workspace. */
export async function runDemo(
  prepared: { readonly files: readonly string[] },
  context: RunContext,
): Promise<{ readonly report: Omit<DemoReport, "seconds">; readonly outcome: RunOutcome }> {
  const { workspace, environment, database, clock } = context;
  const requested = requestedPipelines({ names: [], all: true }, workspace, environment);
  const options = {
    file: null,
    full: false,
    since: null,
    dryRun: false,
    maxQuarantine: null,
    slot: null,
    stop: null,
  };
  const outcome = await runPipelines(requested, options, context);
  const matching: Evaluation = await evaluateStore(
    database.writer,
    join(workspace.root, "truth.csv"),
  );
  const selection = { facility: null, since: null, healthIds: null };
  const cards = await issueCards(
    { layout: "cr80", out: join(workspace.root, "cards"), selection },
    context,
  );
  const { key } = await createApiKey(
    database.writer,
    { label: "demo", scopes: ["patient.read"] },
    clock.now(),
  );
  const report = {
    ...outcome.report,
    matching: matching.pairwise,
    bcubed: matching.bcubed,
    cards: { made: cards.cards, held: cards.held, seconds: cards.seconds },
    files: [...prepared.files, ...cards.files.map(({ path }) => path)],
    url: null,
    apiKey: key,
    workspace: workspace.root,
  };
  return { report, outcome };
}
