/** The key that the archive is sealed with belongs to its store: another one is refused before anything is written. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openContext } from "../../src/pipelines/run-context.ts";
import { workspaceAt } from "../../src/platform/workspace.ts";
import type { StoreAddress } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed } from "../support/ingest-run.ts";

function aWorkspace(key: string | null) {
  const folder = mkdtempSync(join(tmpdir(), "hims-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const workspace = workspaceAt(folder);
  mkdirSync(workspace.keysFolder, { recursive: true });
  if (key !== null) writeFileSync(join(workspace.keysFolder, "store.key"), key);
  return workspace;
}

function urlOf(address: StoreAddress): string {
  if (address.kind === "url") return address.url;
  const host = encodeURIComponent(address.socketDirectory);
  return `postgres://hims_owner@/${address.database}?host=${host}`;
}

test("the first workspace gives the store its key; another key is refused, and so is none", async () => {
  const { address, database } = await withDatabase();
  const { context } = aFeed(database);
  const setting = (key: string | null) => ({
    ...context,
    workspace: aWorkspace(key),
    config: { ...context.config, database: { url: urlOf(address) } },
  });
  for (const key of ["11".repeat(32), "11".repeat(32)])
    await (await openContext(setting(key)))[Symbol.asyncDispose]();
  await expect(openContext(setting("22".repeat(32)))).rejects.toMatchObject({
    code: "HIMS_STORE_KEY_MISMATCH",
  });
  await expect(openContext(setting(null))).rejects.toMatchObject({ code: "HIMS_STORE_KEY" });
  await expect(openContext(setting("not a key"))).rejects.toMatchObject({ code: "HIMS_STORE_KEY" });
});
