/** API keys at rest: hashes, labels, scopes. */
import { randomBytes } from "node:crypto";
import { makeApiKey, type StoredApiKey } from "../access/api-key.ts";
import { isScope, type Scope, scopes } from "../access/scope.ts";
import { HimsError } from "../platform/errors.ts";
import type { Reader, Writer } from "./database.ts";
import { findFacility } from "./facilities.ts";

/** A key as lists show it; times are ISO 8601 in UTC. */
export interface ApiKeyEntry {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  /** The one facility it sends files for; null: bound to none. */
  readonly facility: string | null;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** The answer to `key create`: the only time the key itself is seen. */
export interface CreatedApiKey {
  readonly id: string;
  readonly key: string;
  readonly scopes: readonly Scope[];
}

/**
 * Makes a key. One for uploads is bound to a facility and may do nothing else.
 * @throws HimsError HIMS_USAGE for a scope that does not exist, or an upload without a facility; HIMS_FACILITY_UNKNOWN
 */
export async function createApiKey(
  writer: Writer,
  wanted: {
    readonly label: string;
    readonly scopes: readonly string[];
    readonly facility?: string | null;
  },
  createdAt: Date,
): Promise<CreatedApiKey> {
  const known = [...new Set(wanted.scopes)].filter(isScope);
  if (known.length === 0 || !wanted.scopes.every(isScope)) {
    throw new HimsError("HIMS_USAGE", {
      kind: "usage",
      message: "a scope of the key is not known",
      hint: `Use one or more of: ${scopes.join(", ")}.`,
    });
  }
  const facility = wanted.facility ?? null;
  refuseLooseBound(known, facility);
  if (facility !== null && (await findFacility(writer, facility)) === null) throw unknownFacility();
  const made = makeApiKey((count) => randomBytes(count));
  await writer.rows(
    "insert into api_key (key_id, key_hash, label, scopes, created_at, facility_id) values ($1, $2, $3, $4, $5, $6)",
    [made.id, made.hash, wanted.label, known, createdAt, facility],
  );
  return { id: made.id, key: made.key, scopes: known };
}

function refuseLooseBound(scopes: readonly Scope[], facility: string | null): void {
  const isUpload = scopes.length === 1 && scopes[0] === "upload";
  if (isUpload ? facility !== null : !scopes.includes("upload") && facility === null) return;
  throw new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "a key for uploads is bound to one facility, and does nothing else",
    hint: "Make it with: hims key create --scope upload --facility ID",
  });
}

function unknownFacility(): HimsError {
  return new HimsError("HIMS_FACILITY_UNKNOWN", {
    kind: "usage",
    message: "there is no facility with this id",
    hint: "`hims facility list` shows them all; `hims facility add` registers one.",
  });
}

/** All keys, the newest first. */
export async function listApiKeys(reader: Reader): Promise<readonly ApiKeyEntry[]> {
  const rows = await reader.rows<KeyRow>(
    "select key_id, label, scopes, facility_id, created_at, revoked_at from api_key order by created_at desc, key_id",
  );
  return rows.map((row) => ({
    id: row.key_id,
    label: row.label,
    scopes: row.scopes,
    facility: row.facility_id,
    createdAt: row.created_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }));
}

/** Ends a key at once and for good; again is harmless. @throws HimsError HIMS_KEY_UNKNOWN */
export async function revokeApiKey(
  writer: Writer,
  id: string,
  revokedAt: Date,
): Promise<{ readonly id: string; readonly revokedAt: string }> {
  const [row] = await writer.rows<{ revoked_at: Date }>(
    "update api_key set revoked_at = coalesce(revoked_at, $2) where key_id = $1 returning revoked_at",
    [id, revokedAt],
  );
  if (row !== undefined) return { id, revokedAt: row.revoked_at.toISOString() };
  throw new HimsError("HIMS_KEY_UNKNOWN", {
    kind: "usage",
    message: "there is no API key with this id",
    hint: "`hims key list` shows the ids of all keys.",
  });
}

/** The key with this id, revoked or not; null when there is none. */
export async function findApiKey(reader: Reader, id: string): Promise<StoredApiKey | null> {
  const [row] = await reader.rows<KeyRow & { key_hash: Buffer }>(
    "select key_id, key_hash, label, scopes, created_at, revoked_at, facility_id from api_key where key_id = $1",
    [id],
  );
  if (row === undefined) return null;
  return {
    id: row.key_id,
    hash: row.key_hash,
    label: row.label,
    scopes: row.scopes.filter(isScope),
    facilityId: row.facility_id,
    isRevoked: row.revoked_at !== null,
  };
}

interface KeyRow {
  readonly key_id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly facility_id: string | null;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}
