/** The examination of an installation and its workspace: a list of checks, each with a yes or no, and what to do. */
import { chmodSync, existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../platform/config.ts";
import { HimsError } from "../platform/errors.ts";
import type { Environment } from "../platform/secret-references.ts";
import type { Workspace } from "../platform/workspace.ts";
import { firstKeys } from "../platform/workspace-creation.ts";
import type { StoreLocation } from "../store/database.ts";
import { embeddedBallast, readStoreContent, type StoreContent } from "../store/store-status.ts";
import { readStoreKey } from "./run-context.ts";

export interface CheckAnswer {
  readonly ok: boolean;
  /** What was found, without any patient's data. */
  readonly detail: string;
  /** What to do when not ok. */
  readonly hint: string | null;
}

export interface DoctorReport {
  readonly checks: readonly (CheckAnswer & { readonly name: string })[];
}

export interface Examination {
  /** Null when there is none. */
  readonly workspace: Workspace | null;
  readonly environment: Environment;
  /** Mend what can be mended without risk. */
  readonly fix: boolean;
}

/** A check that is not concerned (nothing to look at) answers null and is left out of the report. */
export interface Check {
  readonly name: string;
  readonly answer: (examination: Examination) => CheckAnswer | null | Promise<CheckAnswer | null>;
}

/** All checks; the store's start nothing: an embedded database that sleeps is in order. */
export const allChecks: readonly Check[] = [
  { name: "node", answer: checkNode },
  { name: "workspace", answer: checkWorkspace },
  { name: "config", answer: checkConfig },
  { name: "keys", answer: checkKeys },
  { name: "disk", answer: checkDisk },
  { name: "ballast", answer: checkBallast },
  { name: "database", answer: checkDatabase },
  { name: "migrations", answer: onContent(checkMigrations) },
  { name: "roles", answer: onContent(checkRoles) },
  { name: "store key", answer: onContent(checkStoreKey) },
  { name: "access log", answer: onContent(checkAccessLog) },
];

export async function examine(
  checks: readonly Check[],
  examination: Examination,
): Promise<DoctorReport> {
  const answers: (CheckAnswer & { name: string })[] = [];
  for (const check of checks) {
    const answer = await answerOf(check, examination);
    if (answer !== null) answers.push({ name: check.name, ...answer });
  }
  return { checks: answers };
}

/** An expected failure inside a check is that check's no, so that the others are still made. */
async function answerOf(check: Check, examination: Examination): Promise<CheckAnswer | null> {
  try {
    return await check.answer(examination);
  } catch (error) {
    if (error instanceof HimsError) return no(error.message, error.hint);
    throw error;
  }
}

function yes(detail: string): CheckAnswer {
  return { ok: true, detail, hint: null };
}

function no(detail: string, hint: string): CheckAnswer {
  return { ok: false, detail, hint };
}

function checkNode(): CheckAnswer {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const detail = `Node ${process.versions.node}`;
  const isNewEnough = major > 24 || (major === 24 && minor >= 12);
  return isNewEnough ? yes(detail) : no(detail, "Run `npm ci`, or install Node 24.12 or newer.");
}

function checkWorkspace({ workspace }: Examination): CheckAnswer {
  if (workspace === null)
    return no("no hims.yaml here or above", "Make a workspace with `hims init`.");
  return yes(workspace.root);
}

function checkConfig({ workspace, environment }: Examination): CheckAnswer | null {
  if (workspace === null) return null;
  loadConfig(workspace, environment);
  return yes("hims.yaml is valid");
}

function checkKeys({ workspace, fix }: Examination): CheckAnswer | null {
  if (workspace === null) return null;
  // A workspace opened to a group shows it in the mode of `.hims`; its members may read keys, not write them.
  const isShared =
    existsSync(workspace.stateRoot) && (statSync(workspace.stateRoot).mode & 0o060) !== 0;
  const excessBits = isShared ? 0o137 : 0o177;
  const problems: string[] = [];
  for (const name of firstKeys) {
    const path = join(workspace.keysFolder, name);
    if (!existsSync(path)) problems.push(`${name} is missing`);
    else if (!isClosed(path, excessBits, fix)) problems.push(`${name} can be read by others`);
  }
  if (problems.length === 0) return yes(`${firstKeys.length} keys, closed to others`);
  return no(
    problems.join(", "),
    "Missing keys must come back from a backup; modes are mended by `hims doctor --fix`.",
  );
}

function isClosed(path: string, excessBits: number, fix: boolean): boolean {
  const mode = statSync(path).mode & 0o777;
  const isTooOpen = (mode & excessBits) !== 0;
  if (isTooOpen && fix) chmodSync(path, mode & ~excessBits);
  return !isTooOpen || fix;
}

const leastFreeBytes = 1_000_000_000;

function checkDisk({ workspace }: Examination): CheckAnswer | null {
  if (workspace === null) return null;
  const { bavail, bsize } = statfsSync(workspace.root);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / 1e9).toFixed(1)} GB free`;
  return freeBytes >= leastFreeBytes
    ? yes(detail)
    : no(detail, "Free at least 1 GB: the database stops on a full disk.");
}

function locationOf({ workspace, environment }: Examination): StoreLocation | null {
  if (workspace === null) return null;
  const { database } = loadConfig(workspace, environment);
  return { stateRoot: workspace.stateRoot, databaseUrl: database.url };
}

function checkBallast(examination: Examination): CheckAnswer | null {
  const location = locationOf(examination);
  const hasBallast = location === null ? null : embeddedBallast(location);
  if (hasBallast === null) return null;
  return hasBallast
    ? yes("room for recovery is kept")
    : no(
        "the file that keeps room for recovery is missing",
        "Free disk space; the next command that opens the database lays it again.",
      );
}

async function checkDatabase(examination: Examination): Promise<CheckAnswer | null> {
  const location = locationOf(examination);
  if (location === null) return null;
  const content = await readStoreContent(location);
  if (content !== null) return yes(`PostgreSQL ${content.version}`);
  return yes("embedded, not running; the next command starts it");
}

/** A check of what is in the database. Where that cannot be asked, the database's own check has said why. */
function onContent(
  answer: (content: StoreContent, examination: Examination) => CheckAnswer,
): Check["answer"] {
  return async (examination) => {
    const location = locationOf(examination);
    const content = location === null ? null : await contentOrNull(location);
    return content === null ? null : answer(content, examination);
  };
}

async function contentOrNull(location: StoreLocation): Promise<StoreContent | null> {
  try {
    return await readStoreContent(location);
  } catch (error) {
    if (error instanceof HimsError) return null;
    throw error;
  }
}

function checkMigrations({ migrations }: StoreContent): CheckAnswer {
  const { applied, pending } = migrations;
  if (pending.length === 0) return yes(`${applied} applied, none pending`);
  return no(`pending: ${pending.join(", ")}`, "Run `hims db migrate`.");
}

function checkRoles({ missingRoles }: StoreContent): CheckAnswer {
  if (missingRoles.length === 0) return yes("writer and reader");
  return no(
    `missing: ${missingRoles.join(", ")}`,
    "Run `hims db migrate` as a user that may create roles, or ask the database's administrator for them.",
  );
}

function checkAccessLog({ accessChain }: StoreContent): CheckAnswer {
  if (accessChain === null) return yes("not there before the first migration");
  const { seals, broken } = accessChain;
  if (broken.length === 0) return yes(`the newest ${seals} seals hold`);
  return no(
    `seals that do not hold: ${broken.join(", ")}`,
    "Somebody changed the access log in the database itself: keep the database as it is and find out who had the owner role.",
  );
}

function checkStoreKey({ storeKeyId }: StoreContent, { workspace }: Examination): CheckAnswer {
  if (storeKeyId === null) return yes("the store is not bound to a key yet");
  const isSame = workspace !== null && readStoreKey(workspace).id === storeKeyId;
  if (isSame) return yes("the key the store was written with");
  return no(
    "not the key the store was written with",
    "Restore the right .hims/keys/store.key from your backup.",
  );
}
