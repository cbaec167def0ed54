/** How the store is, asked without starting or changing anything: for `hims db status` and `hims doctor`. */
import pg from "pg";
import { codeOf, unreachable } from "../platform/failure.ts";
import { type AccessChain, checkAccessChain } from "./access-log.ts";
import { clientConfig, type StoreAddress, type StoreLocation } from "./database.ts";
import { hasBallast } from "./embedded-postgres/ballast.ts";
import { socketPort } from "./embedded-postgres/connection-probe.ts";
import { findPlace } from "./embedded-postgres/state-place.ts";
import { embeddedPostgresStatus } from "./embedded-postgres.ts";
import { readMigrationState } from "./migrations.ts";

export interface StoreServer {
  readonly running: boolean;
  readonly embedded: boolean;
  /** `18.4`; null when it does not run or does not answer. */
  readonly version: string | null;
  /** A libpq URL of the owner role, a password masked; null before the embedded database is made. */
  readonly url: string | null;
}

export interface StoreContent {
  readonly version: string;
  readonly migrations: { readonly applied: number; readonly pending: readonly string[] };
  /** Of the roles we need, those this user cannot take. */
  readonly missingRoles: readonly string[];
  /** Id of the store key the store was first written with; null when it never was. */
  readonly storeKeyId: string | null;
  /** The newest seals of the access log, recomputed; null before the store is migrated. */
  readonly accessChain: AccessChain | null;
}

/** Checked each time somebody asks the doctor; older ones would take long. */
const sealsChecked = 200;

/** Never fails because the server is away: that is an answer. */
export async function readStoreServer(location: StoreLocation): Promise<StoreServer> {
  if (location.databaseUrl === null) {
    const { running, version, url } = await embeddedPostgresStatus(location);
    return { running, embedded: true, version, url };
  }
  const url = maskPassword(location.databaseUrl);
  const address = { kind: "url", url: location.databaseUrl } as const;
  try {
    const version = await withOwner(address, versionOf);
    return { running: true, embedded: false, version, url };
  } catch (error) {
    // The address is not reachable, or refuses us; `running` says so, and the next command says why.
    if (codeOf(error) !== "HIMS_DATABASE_UNREACHABLE") throw error;
    return { running: false, embedded: false, version: null, url };
  }
}

/** @throws HimsError when the server does not answer; null where the embedded one does not run now */
export async function readStoreContent(location: StoreLocation): Promise<StoreContent | null> {
  const address = await addressOf(location);
  if (address === null) return null;
  return withOwner(address, async (client) => ({
    version: await versionOf(client),
    migrations: await migrationsOf(client),
    missingRoles: await missingRoles(client, address),
    storeKeyId: await storeKeyId(client),
    accessChain: await accessChain(client),
  }));
}

/** Whether the file that keeps room for recovery is there; null where there is no embedded database. */
export function embeddedBallast({ stateRoot, databaseUrl }: StoreLocation): boolean | null {
  const place = databaseUrl === null ? findPlace(stateRoot) : null;
  return place === null ? null : hasBallast(place.home);
}

/** A libpq URL with `***` for its password, in the authority or as a parameter; `(not a URL)` where that cannot be told. */
export function maskPassword(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const masked = new URL(url);
  if (masked.password !== "") masked.password = "***";
  for (const name of [...masked.searchParams.keys()])
    if (/password/i.test(name)) masked.searchParams.set(name, "***");
  return masked.href;
}

async function addressOf(location: StoreLocation): Promise<StoreAddress | null> {
  if (location.databaseUrl !== null) return { kind: "url", url: location.databaseUrl };
  const { running, socketDirectory } = await embeddedPostgresStatus(location);
  if (!running || socketDirectory === null) return null;
  return { kind: "embedded", socketDirectory, port: socketPort };
}

async function withOwner<T>(
  address: StoreAddress,
  ask: (client: pg.Client) => Promise<T>,
): Promise<T> {
  let client: pg.Client | null = null;
  try {
    client = new pg.Client({ ...clientConfig(address, "owner"), connectionTimeoutMillis: 5_000 });
    client.on("error", () => undefined);
    await client.connect();
  } catch (error) {
    // A connection that was not made has nothing to end well.
    await client?.end().catch(() => undefined);
    throw unreachable(error);
  }
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

async function versionOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  return rows[0]?.server_version.split(" ")[0] ?? "";
}

async function migrationsOf(client: pg.Client): Promise<StoreContent["migrations"]> {
  const { applied, pending } = await readMigrationState(client);
  return { applied: applied.length, pending: pending.map((migration) => migration.name) };
}

async function missingRoles(client: pg.Client, address: StoreAddress): Promise<readonly string[]> {
  const needed = ["hims_writer", "hims_reader"];
  // The embedded owner never takes them: writer and reader sign in by themselves.
  const test = address.kind === "url" ? "pg_has_role(rolname, 'member')" : "rolcanlogin";
  const { rows } = await client.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname = any($1) and ${test}`,
    [needed],
  );
  return needed.filter((role) => !rows.some((row) => row.rolname === role));
}

async function storeKeyId(client: pg.Client): Promise<string | null> {
  const table = await client.query<{ there: boolean }>(
    "select to_regclass('store_meta') is not null as there",
  );
  if (table.rows[0]?.there !== true) return null;
  const { rows } = await client.query<{ value: string }>(
    "select value from store_meta where key = 'store_key_id'",
  );
  return rows[0]?.value ?? null;
}

async function accessChain(client: pg.ClientBase): Promise<AccessChain | null> {
  const { pending } = await readMigrationState(client);
  if (pending.length > 0) return null;
  const reader = {
    rows: async <T extends object>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as T[],
  };
  return checkAccessChain(reader, sealsChecked);
}
