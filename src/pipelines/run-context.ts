/** What every pipeline is given: the workspace, the store it may write to, its keys, a clock, and how to stop and to tell. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import type { HimsConfig } from "../platform/config.ts";
import { HimsError } from "../platform/errors.ts";
import type { RunId } from "../platform/ids.ts";
import type { Logger } from "../platform/logger.ts";
import type { Progress } from "../platform/progress.ts";
import type { Environment } from "../platform/secret-references.ts";
import type { Workspace } from "../platform/workspace.ts";
import { Database } from "../store/database.ts";
import { type StoreKey, storeKeyOf } from "../store/raw-archive.ts";

/** Given by the command. */
export interface RunSetting {
  readonly workspace: Workspace;
  readonly config: HimsConfig;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly logger: Logger;
}

export interface RunContext extends RunSetting {
  readonly database: Database;
  readonly storeKey: StoreKey;
  /** `host:pid`, as the ledger names whoever holds a run. */
  readonly worker: string;
}

/** Opens the store of a workspace for writing. Dispose of it: locks go with the connection. */
export async function openContext(setting: RunSetting): Promise<RunContext & AsyncDisposable> {
  const storeKey = readStoreKey(setting.workspace);
  const database = await Database.open({
    stateRoot: setting.workspace.stateRoot,
    databaseUrl: setting.config.database.url,
    group: setting.config.group,
  });
  try {
    await claimStoreKey(database, storeKey);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  const worker = `${hostname()}:${process.pid}`;
  return {
    ...setting,
    database,
    storeKey,
    worker,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** @throws HimsError HIMS_STORE_KEY */
export function readStoreKey(workspace: Workspace): StoreKey {
  const path = join(workspace.keysFolder, "store.key");
  try {
    return storeKeyOf(readFileSync(path, "utf8"));
  } catch (error) {
    throw new HimsError("HIMS_STORE_KEY", {
      kind: "usage",
      message: "the store key cannot be read",
      hint: "Restore .hims/keys/store.key from your backup; check that this user may read it (`hims doctor`).",
      at: { file: path },
      cause: error,
    });
  }
}

/** The first to come writes the key's id into the store; everyone else must have the same key. */
async function claimStoreKey(database: Database, storeKey: StoreKey): Promise<void> {
  await database.writer.rows(
    "insert into store_meta (key, value) values ('store_key_id', $1) on conflict (key) do nothing",
    [storeKey.id],
  );
  const [meta] = await database.writer.rows<{ value: string }>(
    "select value from store_meta where key = 'store_key_id'",
  );
  if (meta?.value === storeKey.id) return;
  throw new HimsError("HIMS_STORE_KEY_MISMATCH", {
    kind: "usage",
    message: "this workspace's store key is not the one its store was written with",
    hint: "Restore the right .hims/keys/store.key; with another key the archive of raw files could not be read any more.",
  });
}

/** `YYYYMMDD-HHMMSS-xxxxxx` in UTC. */
export function newRunId(clock: Clock): RunId {
  const stamp = clock.now().toISOString().replace(/[-:]/g, "").slice(0, 15).replace("T", "-");
  return `${stamp}-${randomBytes(3).toString("hex")}` as RunId;
}
