/** Sending files into a facility's inbox, through the served API with the reader's role. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { type ServedAddress, serveUntil } from "../../src/api/listening.ts";
import { receiveUpload, uploadName } from "../../src/pipelines/inbox.ts";
import type { Logger } from "../../src/platform/logger.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import { readTlsFiles } from "../../src/platform/tls-files.ts";
import { createApiKey, findApiKey } from "../../src/store/api-keys.ts";
import type { Writer } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { loadSmallHospital, sunita } from "../support/small-hospital.ts";

const content = "No,Name\n1,Asha Rani\n";
const silent = () => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const tlsPath = (name: string) => join(packageRoot(), "test/support/tls", name);
const certificate = tlsPath("cert.pem");

interface Site {
  readonly url: string;
  readonly writer: Writer;
  readonly facility: string;
  readonly key: string;
  /** Sends content to the facility's own inbox. */
  readonly send: (
    headers: Record<string, string>,
    body?: string | ReadableStream,
    path?: string,
  ) => Promise<Response>;
  readonly inbox: () => readonly string[];
  readonly inboxFolder: string;
}

async function aSite(given: { limitBytes?: number; https?: boolean } = {}): Promise<Site> {
  const { address, database } = await withDatabase();
  await loadSmallHospital(database.writer);
  const [row] = await database.writer.rows<{ id: string }>(
    "select facility_id as id from facility order by 1 limit 1",
  );
  const facility = row?.id ?? "";
  const wanted = { label: "clerk", scopes: ["upload"], facility };
  const { key } = await createApiKey(database.writer, wanted, new Date());
  const filesFolder = mkdtempSync(join(tmpdir(), "hims-files-"));
  onTestFinished(() => rmSync(filesFolder, { recursive: true, force: true }));
  const name = address.kind === "embedded" ? (address.database ?? "") : "";
  const host = encodeURIComponent(inject("socketDirectory"));
  const controller = new AbortController();
  const ready = Promise.withResolvers<ServedAddress>();
  const served = serveUntil(
    {
      store: {
        databaseUrl: `postgresql://hims_super@/${name}?host=${host}`,
        stateRoot: "/nowhere",
      },
      host: "127.0.0.1",
      port: 0,
      version: "0",
      logger,
      tls: given.https === true ? readTlsFiles(certificate, tlsPath("key.pem")) : null,
      uploads: { filesFolder, limitBytes: given.limitBytes ?? 1_048_576 },
    },
    controller.signal,
    async (address) => ready.resolve(address),
  );
  served.catch(ready.reject);
  onTestFinished(async () => {
    controller.abort();
    await served;
  });
  const { url } = await ready.promise;
  const inboxFolder = join(filesFolder, "inbox", facility);
  return {
    url,
    writer: database.writer,
    facility,
    key,
    inboxFolder,
    send: (headers, body = content, path = `/facilities/${facility}/uploads`) =>
      fetch(url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "text/csv", ...headers },
        body,
        duplex: "half",
      } as RequestInit),
    inbox: () => readdirSync(inboxFolder).sort(),
  };
}

const named = (name: string) => ({ "content-disposition": `attachment; filename="${name}"` });

test("a file arrives whole in its facility's inbox, with its hash, and stands in the access log", async () => {
  const { send, inboxFolder, writer } = await aSite();

  const answer = await send(named("opd.csv"));

  const sha256 = createHash("sha256").update(content).digest("hex");
  expect([answer.status, await answer.json()]).toEqual([
    201,
    { name: "opd.csv", bytes: content.length, sha256 },
  ]);
  expect(readFileSync(join(inboxFolder, "opd.csv"), "utf8")).toBe(content);
  expect(await writer.rows("select action, outcome, person_id from access_log")).toEqual([
    { action: "upload", outcome: "ok", person_id: null },
  ]);
});

test("the same file again changes nothing, other content under its name gets a number", async () => {
  const { send, inbox, inboxFolder } = await aSite();
  await send(named("opd.csv"));
  const before = statSync(join(inboxFolder, "opd.csv")).mtimeMs;

  expect((await send(named("opd.csv"))).status).toBe(200);
  const other = await send(named("opd.csv"), "No,Name\n2,Ravi\n");
  expect([other.status, ((await other.json()) as { name: string }).name]).toEqual([
    201,
    "opd-2.csv",
  ]);
  expect((await send(named("opd.csv"), "No,Name\n2,Ravi\n")).status).toBe(200);

  expect(inbox()).toEqual(["opd-2.csv", "opd.csv"]);
  expect(statSync(join(inboxFolder, "opd.csv")).mtimeMs).toBe(before);
});

test("ten at once under one name are ten files", async () => {
  const { send, inbox } = await aSite();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => send(named("a.csv"), `No,Name\n${index},X\n`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  expect(inbox()).toHaveLength(10);
});

test("a digest that does not fit, an empty file and one that is too large leave nothing behind", async () => {
  const { send, inbox } = await aSite({ limitBytes: 1_000 });
  const digest = createHash("sha256").update("something else").digest("base64");

  const wrong = { ...named("a.csv"), "content-digest": `sha-256=:${digest}:` };
  expect((await send(wrong)).status).toBe(400);
  expect((await send(named("a.csv"), "")).status).toBe(400);
  expect((await send(named("a.csv"), "x".repeat(1_001))).status).toBe(413);
  const chunked = new Blob(["x".repeat(200_000)]).stream();
  expect((await send(named("a.csv"), chunked)).status).toBe(413);
  expect((await send({ ...named("a.csv"), "content-encoding": "gzip" })).status).toBe(415);
  expect(inbox()).toEqual([]);

  const right = createHash("sha256").update(content).digest("base64");
  expect((await send({ ...named("a.csv"), digest: `SHA-256=${right}` })).status).toBe(201);
});

test("a sender who hangs up in the middle leaves nothing behind", async () => {
  const { url, facility, key, inbox, send } = await aSite();
  await send(named("first.csv"));
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `POST /facilities/${facility}/uploads?name=cut.csv HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: text/csv\r\ncontent-length: 100000\r\n\r\nNo,Name\n`,
  );
  for (let tries = 0; inbox().length < 2 && tries < 100; tries += 1) await pause(20);
  expect(inbox().some((name) => name.endsWith(".part"))).toBe(true);

  socket.destroy();
  for (let tries = 0; inbox().length > 1 && tries < 100; tries += 1) await pause(20);
  expect(inbox()).toEqual(["first.csv"]);
});

test("a key for uploads opens the inbox of its own facility and no other door", async () => {
  const { url, key, send, writer } = await aSite();
  const headers = { authorization: `Bearer ${key}` };

  expect((await send(named("a.csv"), content, "/facilities/SOMEONE/uploads")).status).toBe(403);
  for (const path of [`/fhir/Patient/${sunita}`, "/fhir/Patient?name=devi", "/nothing"])
    expect((await fetch(url + path, { headers })).status).toBe(403);
  expect(await writer.rows("select distinct outcome from access_log")).toEqual([
    { outcome: "denied" },
  ]);
});

test("a key that reads patients sends no files, and without a key nobody does", async () => {
  const { send, writer } = await aSite();
  const { key } = await createApiKey(writer, { label: "", scopes: ["patient.read"] }, new Date());

  expect((await send({ ...named("a.csv"), authorization: `Bearer ${key}` })).status).toBe(403);
  expect((await send({ ...named("a.csv"), authorization: "" })).status).toBe(401);
});

test("a key for uploads needs a facility that is there, and takes no other scope", async () => {
  const { writer, facility } = await aSite();
  const make = (scopes: readonly string[], bound: string | null) =>
    createApiKey(writer, { label: "", scopes, facility: bound }, new Date());

  await expect(make(["upload"], null)).rejects.toMatchObject({ code: "HIMS_USAGE" });
  await expect(make(["upload", "patient.read"], facility)).rejects.toMatchObject({
    code: "HIMS_USAGE",
  });
  await expect(make(["patient.read"], facility)).rejects.toMatchObject({ code: "HIMS_USAGE" });
  await expect(make(["upload"], "NOBODY")).rejects.toMatchObject({
    code: "HIMS_FACILITY_UNKNOWN",
  });
  const { id } = await make(["upload"], facility);
  expect(await findApiKey(writer, id)).toMatchObject({ facilityId: facility, isRevoked: false });
});

test("what came over a network in the clear is refused", async () => {
  const { send } = await aSite();
  const proxied = { ...named("a.csv"), "x-forwarded-for": "10.1.2.3" };

  expect((await send(proxied)).status).toBe(403);
  expect((await send({ ...proxied, "x-forwarded-proto": "https" })).status).toBe(201);
});

test("over HTTPS a file arrives", async () => {
  const { url, facility, key, inbox } = await aSite({ https: true });
  expect(url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    const sending = request(
      `${url}/facilities/${facility}/uploads?name=opd.csv`,
      {
        method: "POST",
        ca: readFileSync(certificate),
        headers: { "x-api-key": key, "content-type": "application/octet-stream" },
      },
      (answer) => resolve(answer.statusCode),
    );
    sending.on("error", reject);
    sending.end(content);
  });
  expect([status, inbox()]).toEqual([201, ["opd.csv"]]);
});

test("a certificate with somebody else's key is refused before anything listens", () => {
  expect(() => readTlsFiles(certificate, certificate)).toThrow(/belong together/);
  expect(() => readTlsFiles("/nowhere", certificate)).toThrow(/ENOENT/);
});

test("when the disk is full nothing is kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hims-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  async function* body() {
    yield Buffer.from(content);
    throw Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" });
  }
  const upload = { folder, name: "a.csv", limitBytes: 1_000, sha256: null };

  await expect(
    receiveUpload({ ...upload, body: body(), beforeArrival: async () => undefined }),
  ).rejects.toMatchObject({ code: "ENOSPC" });
  expect(readdirSync(folder)).toEqual([]);
});

test("an upload that cannot be logged does not arrive", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hims-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  async function* body() {
    yield Buffer.from(content);
  }
  const beforeArrival = () => Promise.reject(new Error("no log"));
  const upload = { folder, name: "a.csv", limitBytes: 1_000, sha256: null };

  await expect(receiveUpload({ ...upload, body: body(), beforeArrival })).rejects.toThrow("no log");
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["../../etc/passwd", "passwd"],
  ["C:\\exports\\opd.csv", "opd.csv"],
  [".hidden.csv", "hidden.csv"],
  ["a\u001b[2Jb\u202e.csv", "a[2Jb.csv"],
  ["रोगी.csv", "रोगी.csv"],
  ["upload.csv.part", null],
  ["..", null],
  ["", null],
  ["x".repeat(300), null],
])("a name that is sent becomes a name that is safe (%#)", (sent, name) => {
  expect(uploadName(sent)).toBe(name);
});
