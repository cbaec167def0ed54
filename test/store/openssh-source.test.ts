/** Files on a real OpenSSH server: what the npm-only server of sftp-source.test.ts might have got wrong. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aCutProxy } from "../support/cut-proxy.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed, contentOf } from "../support/ingest-run.ts";
import { anOpenSshServer, hasOpenSsh, openSshNotice } from "../support/openssh-server.ts";

const one = "No,Name\n1,Asha Rani\n";
const two = "No,Name\n2,Ravi Kumar\n";

async function aSite() {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  const out = join(feed.folder, "server out");
  mkdirSync(out);
  const server = await anOpenSshServer();
  const key = JSON.stringify(readFileSync(server.key, "utf8"));
  const spool = join(feed.folder, ".hims/files/sftp/opd");
  return {
    feed,
    server,
    out,
    content: () => contentOf(database),
    remote: (folder = "") => readdirSync(join(out, folder)).sort(),
    spooled: () => (existsSync(spool) ? readdirSync(spool) : []),
    write: (name: string, text: string) => feed.write(join("server out", name), text),
    run: (rest: string, place: { path?: string; port?: number; hostKey?: string } = {}) =>
      feed.run(
        feed.pipeline(`
version: 1
name: opd
facility: { id: DDU, name: Test Hospital }
source:
  type: csv
  at: "sftp://${server.user}@127.0.0.1:${place.port ?? server.port}${encodeURI(out)}${place.path ?? "/*.csv"}"
  hostKey: "${place.hostKey ?? server.fingerprint}"
  privateKey: ${key}
  ${rest}
fields: { mrn: No, name: Name }
`),
      ),
  };
}

describe.skipIf(!hasOpenSsh)(`an OpenSSH server${openSshNotice}`, () => {
  test("gives files by a key, once, and has them moved under free names", async () => {
    const { run, write, remote, spooled } = await aSite();
    write("a.csv", one);
    write("b.csv", two);
    write("notes.txt", "not asked for");
    expect(await run("after: keep")).toMatchObject({ status: "succeeded", files: 2, loaded: 2 });
    expect(await run("after: keep")).toMatchObject({ status: "unchanged", files: 2, read: 0 });
    write("done/a.csv", "an older one");

    await run("after: move");

    expect(remote()).toEqual(["done", "notes.txt"]);
    expect(remote("done")).toEqual(["a-2.csv", "a.csv", "b.csv"]);
    expect(spooled()).toEqual([]);
  });

  test("with another host key is told nothing", async () => {
    const { run, write, server } = await aSite();
    write("a.csv", one);
    const { error, loaded } = await run("", { hostKey: `SHA256:${"A".repeat(43)}` });
    expect(error).toMatchObject({ code: "HIMS_SFTP_HOST_KEY", kind: "unreachable" });
    expect(error?.hint).toContain(server.fingerprint);
    expect(loaded).toBe(0);
  });

  test("gives the one file that was named, and no other", async () => {
    const { run, write, remote } = await aSite();
    write("a.csv", one);
    write("b.csv", two);
    expect(await run("after: delete", { path: "/a.csv" })).toMatchObject({ files: 1, loaded: 1 });
    expect(remote()).toEqual(["b.csv"]);
  });

  test("does not lead out of its folder, and leaves what is still written", async () => {
    const { run, write, feed, out, remote } = await aSite();
    feed.write("secret.csv", two);
    symlinkSync("../secret.csv", join(out, "link.csv"));
    write("a.csv", one);
    write("a.csv.ok", "");
    write("b.csv", two);
    write("c.csv.part", two);
    expect(await run("ready: .ok\n  after: delete")).toMatchObject({
      files: 1,
      loaded: 1,
      warnings: { file_name_refused: 1, file_not_ready: 1 },
    });
    expect(remote()).toEqual(["b.csv", "c.csv.part", "link.csv"]);
  });

  test("that is lost in mid-file loses nothing: the next run loads it all", async () => {
    const { run, write, server, content, spooled } = await aSite();
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index},Person Number ${index}\n`);
    write("a.csv", `No,Name\n${rows.join("")}`);
    const proxy = await aCutProxy(server.port, 200_000);
    const before = await content();

    const { error } = await run("after: delete", { port: proxy.port });
    expect(error).toMatchObject({ code: "HIMS_SFTP_UNREACHABLE", kind: "unreachable" });
    expect(await content()).toEqual(before);
    expect(spooled()).toEqual([]);

    proxy.cutAfterBytes = null;
    const again = await run("after: delete", { port: proxy.port });
    expect(again).toMatchObject({ status: "succeeded", loaded: 20_000 });
  });
});
