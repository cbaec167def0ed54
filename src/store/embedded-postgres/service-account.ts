/** Operating system accounts: who owns the workspace, and under which uid PostgreSQL runs (it refuses root). */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { HimsError } from "../../platform/errors.ts";

export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Null for a uid without a passwd line, as container platforms hand them out. */
  readonly name: string | null;
}

export interface AccountGroup {
  readonly gid: number;
  readonly members: readonly string[];
}

/** The first of these that exists runs the server when root starts it; a machine's own `hims` account is preferred. */
const serviceNames = ["hims", "postgres", "nobody"];

export function currentUid(): number {
  return process.getuid?.() ?? 0;
}

/** The account of a uid; `gid` is used when the uid has no passwd line. */
export function accountOf(uid: number, gid: number): Account {
  const line = passwdLines().find((account) => account.uid === uid);
  if (line !== undefined) return line;
  return { uid, gid, name: uid === currentUid() ? directoryName() : null };
}

/** The account that runs the server for a workspace of `keeper`: the keeper itself, or a service account for root. */
export function serverAccount(keeper: Account): Account {
  if (keeper.uid !== 0) return keeper;
  const accounts = passwdLines();
  for (const name of serviceNames) {
    const account = accounts.find((line) => line.name === name && line.uid !== 0);
    if (account !== undefined) return account;
  }
  throw new HimsError("HIMS_EMBEDDED_ACCOUNT", {
    kind: "unreachable",
    message: "PostgreSQL refuses to run as root and there is no account to run it",
    hint: "Create an account named hims (useradd --system hims), or set DATABASE_URL to another PostgreSQL.",
  });
}

/** Any account with a passwd line that is not root: the mask a nameless uid wears while it runs initdb. */
export function anyNamedAccount(): Account | null {
  return passwdLines().find((line) => line.uid !== 0) ?? null;
}

/** The gid and the members (listed or by primary group) of a local group. */
export function groupNamed(name: string): AccountGroup {
  const group = findGroup((fields) => fields[0] === name);
  if (group !== null) return group;
  throw new HimsError("HIMS_EMBEDDED_ACCOUNT", {
    kind: "usage",
    message: `there is no group named ${name} on this machine`,
    hint: "Create it with groupadd, or leave --group away.",
  });
}

/** As `groupNamed`, by number; a gid without a group line has no members. */
export function groupNumbered(gid: number): AccountGroup {
  return findGroup((fields) => Number(fields[2]) === gid) ?? { gid, members: [] };
}

function findGroup(matches: (fields: readonly string[]) => boolean): AccountGroup | null {
  const fields = readLines("/etc/group").find(matches);
  if (fields === undefined) return null;
  const gid = Number(fields[2]);
  const listed = (fields[3] ?? "").split(",").filter((name) => name !== "");
  const primary = passwdLines().flatMap((account) =>
    account.gid === gid && account.name !== null ? [account.name] : [],
  );
  return { gid, members: [...new Set([...listed, ...primary])] };
}

function passwdLines(): readonly Account[] {
  return readLines("/etc/passwd").flatMap(([name, , uid, gid]) =>
    name === undefined || uid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }],
  );
}

function readLines(path: string): readonly (readonly string[])[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => line.split(":"));
}

/** The name of this process's user from a directory service (LDAP), where /etc/passwd does not know it. */
function directoryName(): string | null {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SYSTEM_ERROR") return null;
    throw error;
  }
}
