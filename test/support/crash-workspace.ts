/** A workspace whose commands and server are struck in the middle of their work, with a store that can be put back. */
import type { ChildProcess } from "node:child_process";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { CliOptions, CliRun } from "./cli.ts";
import { type CsvWorkspace, csvWorkspace } from "./csv-workspace.ts";

/** When to strike: so long after the start, or after the store was first seen at this statement. */
export interface Moment {
  readonly statement: RegExp | null;
  readonly afterMs: number;
}

/** @param superuser a connection that goes on while the store works */
export type Blow = (victim: ChildProcess, superuser: pg.Client) => Promise<unknown> | unknown;

export interface CrashWorkspace extends CsvWorkspace {
  /** Runs `hims`, strikes at the moment, and waits until nobody is connected any more. */
  readonly struck: (
    args: readonly string[],
    moment: Moment,
    blow: Blow,
    options?: CliOptions,
  ) => Promise<CliRun>;
  /** `kill -9`; false when the command came to its end before the moment did. */
  readonly killed: (args: readonly string[], moment: Moment) => Promise<boolean>;
  /** Puts the store aside under a name. */
  readonly keep: (name: string) => Promise<void>;
  /** The store is again what was put aside under this name. */
  readonly putBack: (name: string) => Promise<void>;
  /** Asks the store as its superuser. */
  readonly rows: (sql: string) => Promise<readonly Row[]>;
  /** Names of staging tables, and temporary files of the server, that are still there. */
  readonly staging: () => Promise<readonly Row[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: every query has its own columns
type Row = Readonly<Record<string, any>>;
type Connect = (database: string) => Promise<pg.Client>;

/** @param folder an empty one; by default a new one */
export async function crashWorkspace(
  folder?: Parameters<typeof csvWorkspace>[0],
): Promise<CrashWorkspace> {
  const workspace = await csvWorkspace(folder);
  const made = await workspace.hims(["db", "migrate"]);
  if (made.exitCode !== 0) throw new Error(`no store: ${made.stdout}`);
  const connect = await connector(workspace);
  const struck: CrashWorkspace["struck"] = async (args, moment, blow, options = {}) => {
    const superuser = await connect("postgres");
    const over = new AbortController();
    let aim: Promise<unknown> = Promise.resolve();
    const run = await workspace.hims(args, {
      ...options,
      onSpawn: (victim) => {
        aim = waitFor(superuser, moment, over.signal).then(() => blow(victim, superuser));
      },
    });
    over.abort();
    await aim;
    await superuser.end().catch(() => undefined); // the server itself may have been struck
    await untilNobodyIsConnected(connect);
    return run;
  };
  const rows: CrashWorkspace["rows"] = (sql) => ask(connect, "hims", sql);
  const copyStore = async (from: string, to: string) => {
    await untilNobodyIsConnected(connect);
    await ask(connect, "postgres", `drop database if exists ${to} with (force)`);
    await ask(connect, "postgres", `create database ${to} template ${from} owner hims_owner`);
  };
  return {
    ...workspace,
    struck,
    rows,
    killed: async (args, moment) => {
      let signal: NodeJS.Signals | null = null;
      await struck(args, moment, (victim) => {
        victim.once("exit", (_, by) => {
          signal = by;
        });
        victim.kill("SIGKILL");
      });
      return signal === "SIGKILL";
    },
    keep: (name) => copyStore("hims", name),
    putBack: (name) => copyStore(name, "hims"),
    staging: () =>
      rows(`select relname as name from pg_class where relpersistence <> 'p'
        union all select name from pg_ls_tmpdir()`),
  };
}

async function connector(workspace: CsvWorkspace): Promise<Connect> {
  const { json } = await workspace.hims(["db", "status"]);
  const host = decodeURIComponent(json?.data.url.split("host=")[1]);
  return async (database) => {
    const client = new pg.Client({ host, user: "hims_super", database });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
}

async function ask(connect: Connect, database: string, sql: string): Promise<readonly Row[]> {
  const client = await connect(database);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function waitFor(
  superuser: pg.Client,
  { statement, afterMs }: Moment,
  over: AbortSignal,
): Promise<void> {
  if (statement !== null) await untilStatement(superuser, statement, over);
  const begun = performance.now();
  while (!over.aborted && performance.now() - begun < afterMs) await sleep(1);
}

/** What a connection is doing, or did last: a statement that is over in no time is seen as well. */
async function untilStatement(superuser: pg.Client, statement: RegExp, over: AbortSignal) {
  while (!over.aborted) {
    const { rows } = await superuser.query(
      "select query from pg_stat_activity where usename = 'hims_writer'",
    );
    if (rows.some(({ query }) => statement.test(query))) return;
  }
}

const patienceMs = 60_000;

/** The server notices that a process is gone within a second; until then its locks hold. */
async function untilNobodyIsConnected(connect: Connect): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const client = await connect("postgres").catch(() => null);
    if (client === null) return; // it does not run
    const { rows } = await client.query(
      "select 1 from pg_stat_activity where datname = 'hims' and backend_type = 'client backend'",
    );
    await client.end();
    if (rows.length === 0) return;
    await sleep(20);
  }
  throw new Error("somebody is connected still");
}
