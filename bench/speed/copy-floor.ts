/**
 * The floor of a load: PostgreSQL's own COPY of the same bytes into a logged table with a primary key and two indexes,
 * which is what psql's `\copy` sends. No parsing on our side, no checks, no lineage, not repeatable.
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { clientConfig, type StoreAddress } from "../../src/store/database.ts";
import { exportColumns } from "./patient-export.ts";

/** `raw`: unlogged, without index (R0 of issue 3); `indexed`: logged, with primary key and two indexes (R1). */
export type CopyFloor = "raw" | "indexed";

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
    const started = performance.now();
    const copy = client.query(
      copyFrom("copy bench_floor.patient from stdin with (format csv, header true)"),
    );
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), copy);
    return (performance.now() - started) / 1000;
  } finally {
    await client.query("drop schema if exists bench_floor cascade");
    await client.end();
  }
}
