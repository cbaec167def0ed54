/** One process that ensures, or stops, the database of a state folder and prints the answer as JSON. Run by the tests, also under other uids. */
import { ensureEmbeddedPostgres, stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";

const [order, stateRoot = ""] = process.argv.slice(2);
const answer =
  order === "stop"
    ? await stopEmbeddedPostgres({ stateRoot })
    : await ensureEmbeddedPostgres({ stateRoot, ballastBytes: 1024 * 1024 });
process.stdout.write(JSON.stringify(answer));
