/**
 * The floor of a load: PostgreSQL's own COPY of the same file, by psql's `\copy` where psql is there, else by sending the bytes
 * as they are. No parsing on our side, no checks, no lineage, not repeatable.
 */
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { clientConfig, type StoreAddress } from "../../src/store/database.ts";
import { exportColumns } from "./patient-export.ts";

/** `raw`: unlogged, without index (R0 of issue 3); `indexed`: logged, with primary key and two indexes (R1). */
export type CopyFloor = "raw" | "indexed";

/** What sends the rows: said beside the numbers. */
export const copySender: "psql" | "pg-copy-streams" =
  spawnSync("psql", ["--version"]).status === 0 ? "psql" : "pg-copy-streams";

/** Seconds of one COPY, commit included; the table is gone afterwards. */
export async function copySeconds(
  address: StoreAddress,
  path: string,
  floor: CopyFloor,
): Promise<number> {
  const client = new pg.Client(clientConfig(address, "owner"));
  await client.connect();
  try {
    await client.query(`
      drop schema if exists bench_floor cascade;
      create schema bench_floor;
      create ${floor === "raw" ? "unlogged" : ""} table bench_floor.patient (
        ${exportColumns.map((column) => `${column} text`).join(", ")})`);
    if (floor === "indexed")
      await client.query(`
        alter table bench_floor.patient add primary key (mrn);
        create index on bench_floor.patient (name);
        create index on bench_floor.patient (phone)`);
    return copySender === "psql" ? byPsql(address, path) : await byStream(client, path);
  } finally {
    await client.query("drop schema if exists bench_floor cascade");
    await client.end();
  }
}

/** psql's own timing of `\copy`, without its start. */
function byPsql(address: StoreAddress, path: string): number {
  const { host, port, user, database, connectionString } = clientConfig(address, "owner");
  const url =
    connectionString ??
    `postgresql://${user}@/${database}?host=${encodeURIComponent(host ?? "")}&port=${port}`;
  const copy = `\\copy bench_floor.patient from '${path.replaceAll("'", "''")}' with (format csv, header true)`;
  const { status, stdout, stderr } = spawnSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", url], {
    input: `\\timing on\n${copy}\n`,
    encoding: "utf8",
  });
  const milliseconds = /^Time: ([\d.]+) ms/m.exec(stdout)?.[1];
  if (status !== 0 || milliseconds === undefined) throw new Error(`psql failed: ${stderr}`);
  return Number(milliseconds) / 1000;
}

async function byStream(client: pg.Client, path: string): Promise<number> {
  const started = performance.now();
  const copy = client.query(
    copyFrom("copy bench_floor.patient from stdin with (format csv, header true)"),
  );
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), copy);
  return (performance.now() - started) / 1000;
}
