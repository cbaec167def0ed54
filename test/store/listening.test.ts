import { setTimeout as pause } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { type ServedAddress, serveUntil } from "../../src/api/listening.ts";
import type { Logger } from "../../src/platform/logger.ts";
import { createApiKey } from "../../src/store/api-keys.ts";
import { ReaderPool, type StoreLocation, type Writer } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { loadSmallHospital, sunita } from "../support/small-hospital.ts";

const silent = () => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };

/** As on somebody else's server: one URL, roles taken after signing in. */
async function openStore(): Promise<StoreLocation & { name: string; writer: Writer }> {
  const { address, database } = await withDatabase();
  await loadSmallHospital(database.writer);
  const name = address.kind === "embedded" ? (address.database ?? "") : "";
  const host = encodeURIComponent(inject("socketDirectory"));
  const databaseUrl = `postgresql://hims_super@/${name}?host=${host}`;
  return { databaseUrl, stateRoot: "/nowhere", name, writer: database.writer };
}

async function serve(): Promise<{
  url: string;
  writer: Writer;
  headers: Record<string, string>;
  database: string;
  stop(): Promise<ServedAddress>;
}> {
  const store = await openStore();
  const { key } = await createApiKey(
    store.writer,
    { label: "", scopes: ["patient.read"] },
    new Date(),
  );
  const controller = new AbortController();
  const ready = Promise.withResolvers<ServedAddress>();
  const options = { store, host: "127.0.0.1", port: 0, version: "0", logger };
  const served = serveUntil(options, controller.signal, async (address) => ready.resolve(address));
  served.catch(ready.reject);
  const stop = async () => {
    controller.abort();
    return await served;
  };
  onTestFinished(async () => void (await stop()));
  return {
    url: (await ready.promise).url,
    writer: store.writer,
    headers: { "x-api-key": key },
    database: store.name,
    stop,
  };
}

test("a server answers, seals what was read while it runs and when it stops, and then is gone", async () => {
  const { url, writer, headers, stop } = await serve();
  const unsealed = async () =>
    (await writer.rows("select from access_log where seal_no is null")).length;

  expect((await fetch(`${url}/fhir/Patient/${sunita}`, { headers })).status).toBe(200);
  for (let tries = 0; (await unsealed()) > 0 && tries < 40; tries += 1) await pause(100);
  expect(await unsealed()).toBe(0);

  expect((await fetch(`${url}/fhir/Patient?name=devi`, { headers })).status).toBe(200);
  await stop();
  expect(await unsealed()).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test("a server goes on when the database has dropped all its connections", async () => {
  const { url, headers, database } = await serve();
  const patient = async () => (await fetch(`${url}/fhir/Patient/${sunita}`, { headers })).status;
  expect(await patient()).toBe(200);

  await terminateReaders(database);

  // A request may meet a connection that is just dying: 503 says to try again.
  expect([200, 503]).toContain(await patient());
  expect(await patient()).toBe(200);
});

async function terminateReaders(database: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    host: inject("socketDirectory"),
    user: "hims_super",
    database: "postgres",
  });
  await client.connect();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hims reader' and datname = $1",
    [database],
  );
  await client.end();
}

test("a reader on a URL has the reader's role from its first query on", async () => {
  const store = await openStore();
  await using pool = await ReaderPool.open(store);

  const [row] = await pool.reader.rows("select current_user as role");

  expect(row).toEqual({ role: "hims_reader" });
});

test("an address in use is a mistake of usage with a hint", async () => {
  const { url } = await serve();
  const store = await openStore();
  const options = {
    store,
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    version: "0",
    logger,
  };

  await expect(
    serveUntil(options, AbortSignal.abort(), async () => undefined),
  ).rejects.toMatchObject({
    code: "HIMS_ADDRESS",
    kind: "usage",
  });
});
