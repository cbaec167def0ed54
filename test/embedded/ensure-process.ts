/** One process that ensures, or stops, the database of a state folder and prints the answer as JSON; or holds its start lock. Run by the tests, also under other uids. */
import { takeStartLock } from "../../src/store/embedded-postgres/start-lock.ts";
import { ensureEmbeddedPostgres, stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";

const [order, folder = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await obey()));

async function obey(): Promise<unknown> {
  if (order === "stop") return stopEmbeddedPostgres({ stateRoot: folder });
  if (order !== "hold")
    return ensureEmbeddedPostgres({ stateRoot: folder, ballastBytes: 1024 * 1024 });
  const lock = takeStartLock(folder);
  setTimeout(() => lock?.release(), 60_000);
  return { held: lock !== null };
}
