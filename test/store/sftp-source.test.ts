/** Files on an SFTP server, through the real pipeline. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { IngestResult } from "../../src/pipelines/ingest.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed, contentOf, type TestFeed } from "../support/ingest-run.ts";
import { anSftpServer, type TestSftpServer } from "../support/sftp-server.ts";

const one = "No,Name\n1,Asha Rani\n";
const two = "No,Name\n2,Ravi Kumar\n";

interface Site {
  readonly feed: TestFeed;
  readonly server: TestSftpServer;
  readonly pipeline: (rest?: string, hostKey?: string) => PipelineFile;
  readonly run: (pipeline: PipelineFile) => Promise<IngestResult>;
  readonly remote: (folder?: string) => readonly string[];
  /** Names in the folder that files are fetched into. */
  readonly spooled: () => readonly string[];
  readonly content: () => ReturnType<typeof contentOf>;
}

async function aSite(): Promise<Site> {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  mkdirSync(join(feed.folder, "server/out"), { recursive: true });
  const server = await anSftpServer(join(feed.folder, "server"));
  const spool = join(feed.folder, ".hims/files/sftp/opd");
  return {
    feed,
    server,
    pipeline: (rest = "password: secret", hostKey = server.fingerprint) =>
      feed.pipeline(`
version: 1
name: opd
facility: { id: DDU, name: Test Hospital }
source: { type: csv, at: "sftp://hims@127.0.0.1:${server.port}/out/*.csv", hostKey: "${hostKey}", ${rest} }
fields: { mrn: No, name: Name }
`),
    run: (pipeline) => feed.run(pipeline),
    remote: (folder = "server/out") => readdirSync(join(feed.folder, folder)).sort(),
    spooled: () => (existsSync(spool) ? readdirSync(spool) : []),
    content: () => contentOf(database),
  };
}

test("files are fetched, loaded, and fetched again only when they have changed", async () => {
  const { feed, server, pipeline, run, spooled } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/out/b.csv", two);
  feed.write("server/out/notes.txt", "not asked for");

  expect(await run(pipeline())).toMatchObject({ status: "succeeded", files: 2, loaded: 2 });
  expect(spooled()).toEqual([]);

  server.requests.length = 0;
  expect(await run(pipeline())).toMatchObject({ status: "unchanged", files: 2, read: 0 });
  expect(server.requests).not.toContain("READ");

  feed.write("server/out/b.csv", "No,Name\n2,Ravi Kumar Sharma\n");
  expect(await run(pipeline())).toMatchObject({ status: "succeeded", files: 2, loaded: 1 });
});

test("a server with another host key is not signed in to, and both fingerprints are told", async () => {
  const { feed, server, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  const other = `SHA256:${"A".repeat(43)}`;

  const { error, loaded } = await run(pipeline("password: secret", other));

  expect(error).toMatchObject({ code: "HIMS_SFTP_HOST_KEY", kind: "unreachable" });
  expect(error?.hint).toContain(server.fingerprint);
  expect(error?.hint).toContain(other);
  expect([loaded, server.requests]).toEqual([0, []]);
});

test("while a host key changes, both are accepted", async () => {
  const { feed, server, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  const { source, ...rest } = pipeline();
  const hostKey = [`SHA256:${"A".repeat(43)}`, server.fingerprint];

  const rotating = { ...rest, source: { ...source, hostKey } } as PipelineFile;

  expect(await run(rotating)).toMatchObject({ status: "succeeded", loaded: 1 });
});

test("a wrong password and a server that is not there are told apart, without the password", async () => {
  const { feed, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  const { error } = await run(pipeline("password: wrong-one"));
  expect(error).toMatchObject({ code: "HIMS_SFTP_LOGIN", kind: "unreachable" });
  expect(`${error?.message} ${error?.hint}`).not.toContain("wrong-one");

  const { source, ...rest } = pipeline();
  const gone = { ...rest, source: { ...source, at: "sftp://hims@127.0.0.1:1/out/*.csv" } };
  expect((await run(gone as PipelineFile)).error).toMatchObject({ code: "HIMS_SFTP_UNREACHABLE" });
});

test("a connection lost in mid-file loads nothing of it, and the next run all of it", async () => {
  const { feed, server, pipeline, run, content } = await aSite();
  const rows = Array.from({ length: 20_000 }, (_, index) => `${index},Person Number ${index}\n`);
  feed.write("server/out/a.csv", `No,Name\n${rows.join("")}`);
  const before = await content();
  server.cutAtRead = 3;

  const { error, read } = await run(pipeline());
  expect(error).toMatchObject({ code: "HIMS_SFTP_UNREACHABLE", kind: "unreachable" });
  expect(read).toBe(0);
  expect(await content()).toEqual(before);

  server.cutAtRead = null;
  expect(await run(pipeline())).toMatchObject({ status: "succeeded", loaded: 20_000 });
});

test("a file that changes while it is fetched is left for the next run", async () => {
  const { feed, server, pipeline, run, spooled } = await aSite();
  feed.write("server/out/a.csv", one);
  server.onRead = () => writeFileSync(join(feed.folder, "server/out/a.csv"), one + two);

  expect(await run(pipeline())).toMatchObject({ files: 0, warnings: { file_still_written: 1 } });
  expect(spooled()).toEqual([]);
});

test("a file that is gone when its turn comes is no error", async () => {
  const { feed, server, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/out/b.csv", two);
  server.onRead = () => rmSync(join(feed.folder, "server/out/b.csv"), { force: true });

  expect(await run(pipeline())).toMatchObject({
    status: "succeeded",
    loaded: 1,
    warnings: { file_still_written: 1 },
  });
});

test("a file that may not be read is refused alone", async () => {
  const { feed, server, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/out/b.csv", two);
  server.forbidden = "/out/a.csv";

  const { loaded, error } = await run(pipeline());

  expect(loaded).toBe(1);
  expect(error).toMatchObject({ code: "HIMS_SOURCE_UNREADABLE", at: { file: "a.csv" } });
  server.forbidden = null;
  expect(await run(pipeline())).toMatchObject({ status: "succeeded", loaded: 1 });
});

test("committed files are moved on the server, under a free name", async () => {
  const { feed, pipeline, run, remote } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/out/done/a.csv", "an older one");

  await run(pipeline("password: secret, after: move"));

  expect(remote()).toEqual(["done"]);
  expect(remote("server/out/done")).toEqual(["a-2.csv", "a.csv"]);
});

test("committed files are deleted on the server, those known from an earlier run as well", async () => {
  const { feed, pipeline, run, remote } = await aSite();
  feed.write("server/out/a.csv", one);
  await run(pipeline());
  feed.write("server/out/b.csv", two);

  await run(pipeline("password: secret, after: delete"));

  expect(remote()).toEqual([]);
});

test("markers say which files are complete, and unfinished names are passed over", async () => {
  const { feed, pipeline, run, remote } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/out/a.csv.ok", "");
  feed.write("server/out/b.csv", two);
  feed.write("server/out/.c.csv", two);

  const result = await run(pipeline("password: secret, ready: .ok, after: delete"));

  expect(result).toMatchObject({ files: 1, loaded: 1, warnings: { file_not_ready: 1 } });
  expect(remote()).toEqual([".c.csv", "b.csv"]);
});

test("links and names with control characters are refused and counted", async () => {
  const { feed, pipeline, run } = await aSite();
  feed.write("server/out/a.csv", one);
  feed.write("server/secret.csv", two);
  symlinkSync("../secret.csv", join(feed.folder, "server/out/link.csv"));
  feed.write("server/out/b\u001b[2J.csv", two);

  expect(await run(pipeline())).toMatchObject({
    files: 1,
    loaded: 1,
    warnings: { file_name_refused: 2 },
  });
});

test("a folder that is not there is a missing source", async () => {
  const { pipeline, run } = await aSite();
  const { source, ...rest } = pipeline();
  const at = source.at.replace("/out/", "/elsewhere/");

  const { error } = await run({ ...rest, source: { ...source, at } } as PipelineFile);
  expect(error).toMatchObject({ code: "HIMS_SOURCE_MISSING", kind: "unreachable" });
});
