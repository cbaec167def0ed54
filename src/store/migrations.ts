/** Forward-only SQL migrations: hand-owned files, checksummed, applied once under an advisory lock. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientBase } from "pg";
import { HimsError } from "../platform/errors.ts";
import { packageRoot } from "../platform/package-root.ts";

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

export interface MigrationState {
  readonly applied: readonly number[];
  readonly pending: readonly Migration[];
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** First key of every advisory lock of ours; the second says what is locked. */
const migrationLock = "7210, 2";

/** The migrations this program carries, in order. */
export function listMigrations(): readonly Migration[] {
  const folder = join(packageRoot(), "migrations");
  return readdirSync(folder)
    .filter((name) => fileName.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(sql).digest("hex");
      return { version: Number.parseInt(name.slice(0, 4), 10), name, sql, sha256 };
    });
}

/** What is applied and what is pending. Refuses a changed migration and a database newer than this program. */
export async function readMigrationState(client: ClientBase): Promise<MigrationState> {
  const migrations = listMigrations();
  const table = await client.query<{ there: boolean }>(
    "select to_regclass('schema_migration') is not null as there",
  );
  if (table.rows[0]?.there !== true) return { applied: [], pending: migrations };
  const { rows } = await client.query<{ version: number; sha256: string }>(
    "select version, sha256 from schema_migration order by version",
  );
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const row of rows) assertKnown(row, known.get(row.version));
  const applied = rows.map((row) => row.version);
  return {
    applied,
    pending: migrations.filter((migration) => !applied.includes(migration.version)),
  };
}

function assertKnown(
  row: { version: number; sha256: string },
  migration: Migration | undefined,
): void {
  if (migration === undefined) {
    throw new HimsError("HIMS_DATABASE_NEWER", {
      kind: "unreachable",
      message: `the database has migration ${row.version}, which this program does not know`,
      hint: "Use the newer version of hims that migrated this database.",
    });
  }
  if (migration.sha256 !== row.sha256) {
    throw new HimsError("HIMS_MIGRATION_CHANGED", {
      kind: "unreachable",
      message: `migration ${migration.name} is not the one that was applied to this database`,
      hint: "Restore the file as it was released; changes belong into a new migration.",
    });
  }
}

/** Applies what is pending, one transaction a file, under a lock; concurrent callers wait and then find nothing to do. */
export async function migrate(client: ClientBase): Promise<readonly string[]> {
  await client.query(`select pg_advisory_lock(${migrationLock})`);
  try {
    await client.query(
      `create table if not exists schema_migration (
         version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null)`,
    );
    const { pending } = await readMigrationState(client);
    for (const migration of pending) await applyMigration(client, migration);
    if (pending.length > 0) await grantRoles(client);
    return pending.map((migration) => migration.name);
  } finally {
    await client.query(`select pg_advisory_unlock(${migrationLock})`);
  }
}

async function applyMigration(client: ClientBase, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      "insert into schema_migration (version, name, sha256, applied_at) values ($1, $2, $3, now())",
      [migration.version, migration.name, migration.sha256],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/**
 * The writer writes; the reader selects and may execute the three functions (design decision 18). Neither may make
 * anything in the schema: what runs as the owner must not meet a function of somebody else's. Temporary tables need no grant.
 */
async function grantRoles(client: ClientBase): Promise<void> {
  await client.query(`
    revoke create on schema public from public;
    grant usage on schema public to hims_writer, hims_reader;
    grant select, insert, update, delete on all tables in schema public to hims_writer;
    grant usage, select on all sequences in schema public to hims_writer;
    revoke insert, update, delete on schema_migration, access_seal from hims_writer;
    revoke insert, update, delete on access_log from hims_writer;
    revoke all on sequence access_seal_no from hims_writer;
    grant select on all tables in schema public to hims_reader;
    revoke select on raw_chunk from hims_reader;
    grant execute on function append_access(text, text, text, text, uuid, text), seal_access_log(),
      note_card_scan(bigint, text) to hims_reader, hims_writer`);
}
