/** The way into the store: one PostgreSQL, three roles, and types that tell a reader from a writer. */
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { HimsError } from "../platform/errors.ts";
import { codeOf, isConnectionLoss, unreachable } from "../platform/failure.ts";
import { ensureEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate, readMigrationState } from "./migrations.ts";

export type StoreRole = "owner" | "writer" | "reader";

/** Where the store is: the workspace's own PostgreSQL, or one somebody else runs. */
export type StoreAddress =
  | {
      readonly kind: "embedded";
      readonly socketDirectory: string;
      readonly port: number;
      readonly database?: string;
    }
  | { readonly kind: "url"; readonly url: string };

export interface StoreLocation {
  /** The workspace's `.hims` folder. */
  readonly stateRoot: string;
  readonly databaseUrl: string | null;
  /** OS group that shares the workspace, and so its embedded server; null or absent: nobody else does. */
  readonly group?: string | null;
}

type Row = Record<string, unknown>;

/** Asks questions. Doors get nothing more. */
export interface Reader {
  rows<T extends object = Row>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

declare const writes: unique symbol;
/** May change the store; only pipelines hold one. Statements outside `transaction` commit at once. */
export interface Writer extends Reader {
  readonly [writes]: true;
  /** Runs a statement. @returns how many rows it touched */
  affected(sql: string, values?: readonly unknown[]): Promise<number>;
  /** COPY of text lines (see `copyLine`) into a table: the only bulk way in. */
  copyIn(
    table: string,
    columns: readonly string[],
    lines: readonly string[] | Uint8Array,
  ): Promise<void>;
}
/** Inside a transaction. */
export interface Transaction extends Writer {
  readonly inTransaction: true;
}

/** bigint for int8 (record ids pass 2^53), strings for dates (a birthday must not move with a zone). */
const types = {
  getTypeParser: ((oid: number, format?: "text") => {
    if (oid === 20) return (text: string) => BigInt(text);
    if (oid === 1082) return (text: string) => text;
    return pg.types.getTypeParser(oid, format ?? "text");
  }) as typeof pg.types.getTypeParser,
};

/** Finds the store, starting the embedded one and migrating it; a `DATABASE_URL` is only migrated by `hims db migrate` or `init`. */
export async function locateStore(location: StoreLocation): Promise<StoreAddress> {
  if (location.databaseUrl !== null) return { kind: "url", url: location.databaseUrl };
  const server = await ensureEmbeddedPostgres({
    stateRoot: location.stateRoot,
    ...(location.group ? { group: location.group } : {}),
  });
  return { kind: "embedded", socketDirectory: server.socketDirectory, port: server.port };
}

/** Connection settings of a role. On a `DATABASE_URL` the role is taken by SET ROLE after signing in. */
export function clientConfig(address: StoreAddress, role: StoreRole): pg.ClientConfig {
  const common = { types, application_name: `hims ${role}`, keepAlive: true };
  if (address.kind === "url") return { ...common, connectionString: address.url };
  return {
    ...common,
    host: address.socketDirectory,
    port: address.port,
    user: `hims_${role}`,
    database: address.database ?? "hims",
  };
}

async function connect(address: StoreAddress, role: StoreRole): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(address, role));
  try {
    await client.connect();
    if (address.kind === "url" && role !== "owner") await client.query(`set role hims_${role}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unreachable(error);
  }
  // A dropped connection rejects the query under way; without a listener it would also end the process.
  client.on("error", () => undefined);
  return client;
}

function readerOf(client: pg.ClientBase | pg.Pool): Reader {
  return {
    async rows<T extends object = Row>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
      const result = await client.query(sql, [...values]);
      return result.rows as T[];
    },
  };
}

function writerOf(client: pg.Client): Writer {
  return {
    ...readerOf(client),
    async affected(sql: string, values: readonly unknown[] = []): Promise<number> {
      return (await client.query(sql, [...values])).rowCount ?? 0;
    },
    async copyIn(table, columns, lines) {
      if (lines.length === 0) return;
      const stream = client.query(copyFrom(`copy ${table} (${columns.join(", ")}) from stdin`));
      await new Promise<void>((resolve, reject) => {
        stream.on("error", reject);
        stream.on("finish", resolve);
        stream.end(lines instanceof Uint8Array ? lines : lines.join(""));
      });
    },
  } as Writer;
}

/** One connection that may write. Close it; a session's advisory locks go with it. */
export class Database implements AsyncDisposable {
  readonly address: StoreAddress;
  readonly writer: Writer;
  private readonly client: pg.Client;
  private isRehearsing = false;

  private constructor(address: StoreAddress, client: pg.Client) {
    this.address = address;
    this.client = client;
    this.writer = writerOf(client);
  }

  /** Opens the store for writing. Embedded: starts and migrates it. Else: exit 4 with a hint where migrations are pending. */
  static async open(location: StoreLocation): Promise<Database> {
    const address = await locateStore(location);
    await prepare(address);
    return Database.connect(address);
  }

  static async connect(address: StoreAddress): Promise<Database> {
    const client = await connect(address, "writer");
    try {
      await client.query(
        "set client_min_messages = error; set timezone = 'UTC'; set statement_timeout = 0",
      );
    } catch (error) {
      await client.end().catch(() => undefined);
      throw unreachable(error);
    }
    return new Database(address, client);
  }

  /** Runs work in one transaction: kept whole, or not at all. `rollback` tries it out and keeps nothing. */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    end: "commit" | "rollback" = "commit",
  ): Promise<T> {
    if (this.isRehearsing) return await this.rehearsedStep(work);
    await this.client.query("begin");
    try {
      const result = await work({ ...this.writer, inTransaction: true } as Transaction);
      await this.client.query(end);
      return result;
    } catch (error) {
      // After a lost connection there is nothing to roll back, and the first error is the one that matters.
      await this.client.query("rollback").catch(() => undefined);
      throw error;
    }
  }

  /** Tries out several transactions, each of which sees what those before it would have kept. Nothing is kept in the end. */
  async rehearse<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query("begin");
    this.isRehearsing = true;
    try {
      return await work();
    } finally {
      this.isRehearsing = false;
      // A lost connection has rolled back by itself.
      await this.client.query("rollback").catch(() => undefined);
    }
  }

  private async rehearsedStep<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    await this.client.query("savepoint rehearsed");
    try {
      const result = await work({ ...this.writer, inTransaction: true } as Transaction);
      await this.client.query("release savepoint rehearsed");
      return result;
    } catch (error) {
      // As in `transaction`: the first error is the one that matters.
      await this.client.query("rollback to savepoint rehearsed").catch(() => undefined);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
  }
}

/** Makes sure the store is migrated: automatic on the embedded one, refused elsewhere. */
async function prepare(address: StoreAddress): Promise<void> {
  const owner = await connect(address, "owner");
  try {
    const { pending } = await readMigrationState(owner);
    if (pending.length === 0) return;
    if (address.kind === "url") {
      throw new HimsError("HIMS_DATABASE_NOT_MIGRATED", {
        kind: "unreachable",
        message: `the database lacks ${pending.length} migration(s), the first is ${pending[0]?.name}`,
        hint: "Run `hims db migrate`.",
      });
    }
    await migrate(owner);
  } finally {
    await owner.end();
  }
}

/** Applies what is pending, on any store; creates the roles on a `DATABASE_URL`. Answers the names of what was applied. */
export async function migrateStore(location: StoreLocation): Promise<readonly string[]> {
  const address = await locateStore(location);
  const owner = await connect(address, "owner");
  try {
    if (address.kind === "url") await createRoles(owner);
    return await migrate(owner);
  } finally {
    await owner.end();
  }
}

/** Roles belong to the server, not to one database: two migrations at once must both succeed. */
async function createRoles(owner: pg.Client): Promise<void> {
  for (const role of ["hims_writer", "hims_reader"]) {
    try {
      await owner.query(`do $$ begin
        if not exists (select 1 from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
      exception when duplicate_object or unique_violation then null; end $$`);
      await owner.query(`grant ${role} to current_user`);
    } catch (error) {
      throw new HimsError("HIMS_DATABASE_ROLES", {
        kind: "unreachable",
        message: `the role ${role} cannot be made or taken (${codeOf(error)})`,
        hint: "Ask the database's administrator for: create role hims_writer; create role hims_reader; grant both to this user.",
        cause: error,
      });
    }
  }
}

/** A door that cannot answer must say so, and not wait with everybody behind it. */
const connectTimeoutMs = 10_000;
const readTimeoutMs = 60_000;

/** A pool of connections that only read, for doors. */
export class ReaderPool implements AsyncDisposable {
  readonly reader: Reader;
  private readonly pool: pg.Pool;

  private readonly location: StoreLocation;
  private reviving: Promise<void> | null = null;

  private constructor(pool: pg.Pool, location: StoreLocation) {
    this.pool = pool;
    this.location = location;
    const reader = readerOf(pool);
    this.reader = {
      rows: async <T extends object = Row>(
        sql: string,
        values?: readonly unknown[],
      ): Promise<T[]> => {
        try {
          return await reader.rows<T>(sql, values);
        } catch (error) {
          if (isConnectionLoss(error)) this.revive();
          throw error;
        }
      },
    };
  }

  static async open(location: StoreLocation, connections = 8): Promise<ReaderPool> {
    const address = await locateStore(location);
    await prepare(address);
    const pool = new pg.Pool({
      ...clientConfig(address, "reader"),
      max: connections,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: readTimeoutMs,
      // The pool waits for it: a connection that could not take the role fails its query and is not used.
      onConnect: async (client) => {
        if (address.kind === "url") await client.query("set role hims_reader");
      },
    });
    pool.on("error", () => undefined);
    return new ReaderPool(pool, location);
  }

  /** Starts the workspace's own server again, once at a time: the next question finds it. */
  private revive(): void {
    if (this.location.databaseUrl !== null || this.reviving !== null) return;
    this.reviving = locateStore(this.location)
      .then(
        () => undefined,
        // It stays away; the question that found it gone has said so, and the next one tries again.
        () => undefined,
      )
      .finally(() => {
        this.reviving = null;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reviving;
    await this.pool.end();
  }
}
