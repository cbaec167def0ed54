/** One real PostgreSQL for a test run: the embedded one, its database `hims` migrated once as the template of all others. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrateStore } from "../../src/store/database.ts";
import { ensureEmbeddedPostgres, stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    socketDirectory: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = mkdtempSync(join(tmpdir(), "hims-test-"));
  // As root the server runs as another user, who must be able to pass through.
  chmodSync(root, 0o711);
  const stateRoot = join(root, ".hims");
  const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes: 1 << 20 });
  await migrateStore({ stateRoot, databaseUrl: null });
  project.provide("socketDirectory", server.socketDirectory);
  return async () => {
    await stopEmbeddedPostgres({ stateRoot });
    rmSync(root, { recursive: true, force: true });
  };
}
