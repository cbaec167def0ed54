/** Makes a cluster. It gets its name only when it is complete, so no later process ever meets half of one. */
import { lchownSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HimsError } from "../../platform/errors.ts";
import { type Outcome, runAs } from "./child-process.ts";
import { databaseName, ownerRole } from "./connection-probe.ts";
import { syncFolder } from "./folders.ts";
import type { Runtime } from "./runtime.ts";
import { readerRole, superRole, writerRole } from "./server-settings.ts";
import { type Account, anyNamedAccount, currentUid } from "./service-account.ts";
import type { Place } from "./state-place.ts";

const draftPrefix = "pg18.init.";

/** One locale everywhere: the same order on every machine, and no drift with libc or ICU. */
const initOptions = [
  ["--username", superRole],
  ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
  ["--data-checksums", "--auth=peer", "--no-sync", "--no-instructions"],
].flat();

/** Run in single-user mode, one statement a line. The owner may become the other two; their grants are for migrations. */
const rolesAndDatabase = `
create role ${ownerRole} login createrole;
create role ${writerRole} login;
create role ${readerRole} login;
grant ${writerRole}, ${readerRole} to ${ownerRole};
create database ${databaseName} owner ${ownerRole};
`.trimStart();

/** Creates the cluster with its roles and database, unless another process was faster. Called under the start lock. */
export async function createCluster(
  place: Place,
  runtime: Runtime,
  server: Account,
): Promise<void> {
  const draft = mkdtempSync(join(place.home, draftPrefix));
  try {
    if (server.uid !== currentUid()) lchownSync(draft, server.uid, server.gid);
    await step(server, [runtime.initdb, "-D", draft, ...initOptions]);
    await step(
      server,
      [runtime.postgres, "--single", "-D", draft, ...bootstrapOptions],
      rolesAndDatabase,
    );
    await step(server, [runtime.initdb, "--sync-only", "-D", draft]);
    renameSync(draft, place.dataDirectory);
    syncFolder(place.home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true, maxRetries: 3 });
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

const bootstrapOptions = ["-c", "exit_on_error=on", "-c", "log_min_messages=warning", "postgres"];

/** Clears away what processes left that were killed while they created. Called under the start lock. */
export function removeDrafts(place: Place): void {
  for (const name of readdirSync(place.home)) {
    if (!name.startsWith(draftPrefix)) continue;
    try {
      rmSync(join(place.home, name), { recursive: true, force: true });
    } catch (error) {
      // An initdb whose parent was killed still writes there: the next start clears it away.
      if (!(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
    }
  }
}

async function step(server: Account, command: readonly string[], input = ""): Promise<void> {
  const outcome = await runNamed(server, command, input);
  if (outcome.code === 0) return;
  const reason = outcome.output
    .split("\n")
    .find((line) => /error|fatal|panic|could not/i.test(line));
  throw new HimsError("HIMS_EMBEDDED_CREATE", {
    kind: "unreachable",
    message: `the database of this workspace could not be created: ${reason ?? `exit ${outcome.code}`}`,
    hint:
      server.name === null
        ? `Add a passwd line for uid ${server.uid} (or allow user namespaces), or set DATABASE_URL to another PostgreSQL.`
        : "Check free space and permissions of the workspace's .hims folder, then run the command again.",
  });
}

/** initdb insists on a passwd line for its uid; a user namespace can show it one. */
function runNamed(server: Account, command: readonly string[], input: string): Promise<Outcome> {
  const [program = "", ...args] = command;
  const mask = server.name === null ? anyNamedAccount() : null;
  if (mask === null) return runAs(server, program, args, input);
  const masked = ["--user", `--map-user=${mask.uid}`, "--", program, ...args];
  return runAs(server, "unshare", masked, input);
}
