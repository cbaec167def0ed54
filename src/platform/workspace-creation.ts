/** Makes a workspace: its config, its folders with their modes, its first keys. The database is not touched here. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { HimsError } from "./errors.ts";
import { type Workspace, workspaceAt } from "./workspace.ts";
import { refuseForeignWorkspace } from "./workspace-trust.ts";

/** Keys that every workspace has from the start: 32 random bytes as 64 hexadecimal digits, no line end. */
export const firstKeys = ["store.key", "hash.key"] as const;

export interface WorkspaceModes {
  readonly stateRoot: number;
  readonly keysFolder: number;
  readonly filesFolder: number;
  readonly keyFile: number;
}

/**
 * Who may enter: the owner alone, or the members of a group as well. Root's `.hims` can be entered (not listed) by all,
 * because the embedded PostgreSQL refuses to run as root and its own user must reach the cluster inside.
 */
export function workspaceModes(opened: {
  readonly toGroup: boolean;
  readonly byRoot: boolean;
}): WorkspaceModes {
  const stateRoot = (opened.toGroup ? 0o2770 : 0o700) | (opened.byRoot ? 0o011 : 0);
  return opened.toGroup
    ? { stateRoot, keysFolder: 0o2750, filesFolder: 0o2770, keyFile: 0o640 }
    : { stateRoot, keysFolder: 0o700, filesFolder: 0o700, keyFile: 0o600 };
}

/**
 * Writes a new workspace; what is already there and harmless (folders, keys) stays.
 * @param group name of an OS group to open the workspace to, or null
 * @throws HimsError HIMS_WORKSPACE_EXISTS, HIMS_WORKSPACE_OWNER, HIMS_GROUP_UNKNOWN
 */
export function createWorkspace(root: string, group: string | null): Workspace {
  const workspace = workspaceAt(root);
  refuseExisting(workspace);
  // Somebody may have prepared a `.hims` here whose links lead elsewhere.
  refuseForeignWorkspace(workspace);
  const groupId = group === null ? null : groupIdOf(group);
  const modes = workspaceModes({ toGroup: groupId !== null, byRoot: process.getuid?.() === 0 });
  mkdirSync(workspace.root, { recursive: true });
  mkdirSync(workspace.pipelinesFolder, { recursive: true });
  makeFolder(workspace.stateRoot, modes.stateRoot, groupId);
  makeFolder(workspace.keysFolder, modes.keysFolder, groupId);
  makeFolder(workspace.filesFolder, modes.filesFolder, groupId);
  for (const name of firstKeys) makeKey(join(workspace.keysFolder, name), modes.keyFile, groupId);
  ignoreInGit(join(workspace.root, ".gitignore"));
  // Last, because it is what makes the folder a workspace; `wx`: two at once do not overwrite each other.
  writeFileSync(workspace.configPath, configText(group), { flag: "wx" });
  return workspace;
}

function refuseExisting(workspace: Workspace): void {
  if (!existsSync(workspace.configPath)) return;
  throw new HimsError("HIMS_WORKSPACE_EXISTS", {
    kind: "usage",
    message: "this folder is a workspace already; nothing was changed",
    hint: "Edit its hims.yaml, or run `hims init` in another folder.",
    at: { file: workspace.configPath },
  });
}

function makeFolder(path: string, mode: number, groupId: number | null): void {
  mkdirSync(path, { recursive: true });
  if (groupId !== null) chownSync(path, -1, groupId);
  chmodSync(path, mode);
}

function makeKey(path: string, mode: number, groupId: number | null): void {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString("hex"), { flag: "wx", mode });
  if (groupId !== null) chownSync(path, -1, groupId);
  chmodSync(path, mode);
}

function ignoreInGit(path: string): void {
  const present = existsSync(path) ? readFileSync(path, "utf8") : "";
  const missing = [".hims/", ".env"].filter((line) => !present.split(/\r?\n/).includes(line));
  if (missing.length === 0) return;
  const separator = present === "" || present.endsWith("\n") ? "" : "\n";
  appendFileSync(path, `${separator}${missing.join("\n")}\n`);
}

function groupIdOf(name: string): number {
  try {
    const line = execFileSync("getent", ["group", "--", name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(line.split(":")[2]);
  } catch (cause) {
    throw new HimsError("HIMS_GROUP_UNKNOWN", {
      kind: "usage",
      message: "this machine has no such group",
      hint: "Name an existing group, or make one with `groupadd`.",
      cause,
    });
  }
}

function configText(group: string | null): string {
  return `# A workspace of HIMS. A flag goes before the environment (HIMS_...), .env, this file, and the default.
version: 1
timezone: Asia/Kolkata
${group === null ? "" : `group: ${JSON.stringify(group)}\n`}
# Without a database here, HIMS runs its own PostgreSQL under .hims/.
# database:
#   url: "\${env:DATABASE_URL}"

serve:
  host: 127.0.0.1
  port: 8080

# cards:
#   host: HTTPS://HIMS.INVALID/C
#   out: cards              # the scheduler makes cards into this folder after linking
`;
}
