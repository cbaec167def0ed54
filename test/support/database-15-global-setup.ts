/** Debian's PostgreSQL 15 for a test run, where it is installed: the store's tests run on it as they do on the embedded one. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/store/migrations.ts";

const binaries = "/usr/lib/postgresql/15/bin";

/** True where the tests of the project `store-15` can run. */
export const hasPostgres15 = existsSync(join(binaries, "initdb"));

const settings =
  "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60";
/** As the embedded cluster has them (src/store/embedded-postgres/cluster.ts). */
const roles = [
  "create role hims_owner login createrole",
  "create role hims_writer login",
  "create role hims_reader login",
  "grant hims_writer, hims_reader to hims_owner",
  "create database hims owner hims_owner",
];

export default async function setup(project: TestProject): Promise<() => void> {
  const root = mkdtempSync(join(tmpdir(), "hims-pg15-"));
  const data = join(root, "data");
  giveToServer(root);
  run("initdb", [
    "-D",
    data,
    "-U",
    "hims_super",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    "--locale=C",
  ]);
  run("pg_ctl", [
    "-D",
    data,
    "-w",
    "-l",
    join(root, "log"),
    "-o",
    `${settings} -k ${root}`,
    "start",
  ]);
  try {
    await prepare(root);
  } catch (error) {
    run("pg_ctl", ["-D", data, "-m", "immediate", "stop"]);
    throw error;
  }
  project.provide("socketDirectory", root);
  return () => {
    run("pg_ctl", ["-D", data, "-m", "immediate", "stop"]);
    rmSync(root, { recursive: true, force: true });
  };
}

const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root: then the server is Debian's user postgres. */
function giveToServer(folder: string): void {
  chmodSync(folder, 0o755);
  if (isRoot) chownSync(folder, idOf("-u"), idOf("-g"));
}

function idOf(flag: "-u" | "-g"): number {
  return Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
}

function run(program: string, args: readonly string[]): void {
  const user = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  const path = join(binaries, program);
  // pg_ctl's server inherits what it is given: a pipe would be held open as long as the server lives.
  const { status } = spawnSync(path, args, { ...user, cwd: "/", stdio: "ignore" });
  if (status !== 0) throw new Error(`${program} of PostgreSQL 15 ended with ${status}`);
}

async function prepare(host: string): Promise<void> {
  await connected({ host, user: "hims_super", database: "postgres" }, async (client) => {
    for (const statement of roles) await client.query(statement);
  });
  await connected({ host, user: "hims_owner", database: "hims" }, migrate);
}

async function connected(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
