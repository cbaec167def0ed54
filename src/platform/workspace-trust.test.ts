import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findWorkspace, type Workspace, workspaceAt } from "./workspace.ts";
import { createWorkspace } from "./workspace-creation.ts";
import { refuseForeignWorkspace } from "./workspace-trust.ts";

const isRoot = process.getuid?.() === 0;
/** Root can give files away; who cannot gives them to themselves, and another user asks. */
const owner = isRoot ? 65_534 : (process.getuid?.() ?? 0);
const keeper = { uid: owner, gids: [owner] };
const stranger = { uid: 70_000, gids: [70_000] };
const root = { uid: 0, gids: [0] };
const refusal = expect.objectContaining({ code: "HIMS_WORKSPACE_OWNER", kind: "usage" });

let folder: string;
let workspace: Workspace;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hims-trust-"));
  workspace = workspaceAt(folder);
  mkdirSync(workspace.stateRoot, { mode: 0o700 });
  mkdirSync(workspace.pipelinesFolder);
  writeFileSync(workspace.configPath, "version: 1\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function give(...paths: readonly string[]): void {
  if (isRoot) for (const path of paths) chownSync(path, owner, owner);
}

function giveAll(): void {
  give(folder, workspace.stateRoot, workspace.pipelinesFolder, workspace.configPath);
}

test("a user's workspace is refused to other users and to root, not to its owner", () => {
  giveAll();

  expect(() => refuseForeignWorkspace(workspace, keeper)).not.toThrow();
  expect(() => refuseForeignWorkspace(workspace, stranger)).toThrow(refusal);
  expect(() => refuseForeignWorkspace(workspace, root)).toThrow(refusal);
});

test("a workspace opened to a group is its members', not its neighbors' and not root's", () => {
  giveAll();
  const { gid } = statSync(workspace.stateRoot);
  chmodSync(workspace.stateRoot, 0o2770);

  const member = { uid: 70_000, gids: [70_000, gid] };
  expect(() => refuseForeignWorkspace(workspace, member)).not.toThrow();
  expect(() => refuseForeignWorkspace(workspace, stranger)).toThrow(refusal);
  expect(() => refuseForeignWorkspace(workspace, root)).toThrow(refusal);
});

test("one who says to trust it works in it all the same", () => {
  giveAll();
  vi.stubEnv("HIMS_TRUST_WORKSPACE", "1");

  expect(() => refuseForeignWorkspace(workspace, root)).not.toThrow();
});

describe.runIf(isRoot)("when root's files and a user's are mixed", () => {
  test.each([".env", "hims.yaml", ".hims", "pipelines"])("a user's %s is refused", (name) => {
    if (name === ".env") writeFileSync(join(folder, name), "");
    give(join(folder, name));

    const at = { file: join(folder, name) };
    expect(() => findWorkspace(folder, null)).toThrow(expect.objectContaining({ at }));
    expect(() => findWorkspace("/", folder)).toThrow(refusal);
    expect(() => refuseForeignWorkspace(workspace, stranger)).toThrow(refusal);
  });

  test("a user's folder is refused to root, since its owner can exchange what lies in it", () => {
    give(folder);

    expect(() => findWorkspace(folder, null)).toThrow(refusal);
    expect(() => refuseForeignWorkspace(workspace, stranger)).not.toThrow();
  });

  test("a link counts as its target's owner and as its own", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "hims-trust-"));
    rmSync(workspace.stateRoot, { recursive: true });
    symlinkSync(elsewhere, workspace.stateRoot);

    expect(() => findWorkspace(folder, null)).not.toThrow();
    give(elsewhere);
    expect(() => findWorkspace(folder, null)).toThrow(refusal);
    rmSync(elsewhere, { recursive: true });
  });

  test("no workspace is made where a user has prepared its state", () => {
    rmSync(workspace.configPath);
    give(workspace.stateRoot);

    expect(() => createWorkspace(folder, null)).toThrow(refusal);
  });
});
