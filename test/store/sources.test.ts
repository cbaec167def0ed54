/** Where files come from on this machine, and what becomes of them once they are committed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { fileTime } from "../support/ingest-context.ts";
import { aFeed, type TestFeed } from "../support/ingest-run.ts";

const one = "No,Name\n1,Asha Rani\n";
const two = "No,Name\n2,Ravi Kumar\n";

function yaml(source: string): string {
  return `
version: 1
name: opd
facility: { id: DDU, name: Test Hospital }
source: { type: csv, ${source} }
fields: { mrn: No, name: Name }
`;
}

async function open(source = "at: exports"): Promise<{
  feed: TestFeed;
  run: (options?: Parameters<TestFeed["run"]>[1]) => ReturnType<TestFeed["run"]>;
  names: (folder: string) => readonly string[];
}> {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  const pipeline = feed.pipeline(yaml(source));
  return {
    feed,
    run: (options) => feed.run(pipeline, options),
    names: (folder) => readdirSync(join(feed.folder, folder)).sort(),
  };
}

test("a committed file is moved into `done`, also when its name is taken there", async () => {
  const { feed, run, names } = await open("at: exports/*.csv, after: move");
  feed.write("exports/a.csv", one);
  expect(await run()).toMatchObject({ status: "succeeded", loaded: 1, warnings: {} });
  feed.write("exports/a.csv", two);
  expect(await run()).toMatchObject({ status: "succeeded", loaded: 1 });

  expect(names("exports")).toEqual(["done"]);
  expect(names("exports/done")).toEqual(["a-2.csv", "a.csv"]);
  expect(readFileSync(join(feed.folder, "exports/done/a.csv"), "utf8")).toBe(one);
});

test("a glob over folders does not read again what was moved", async () => {
  const { feed, run } = await open('at: "exports/**/*.csv", after: move');
  feed.write("exports/x/a.csv", one);
  await run();
  expect(await run()).toMatchObject({ files: 0, warnings: { no_file_found: 1 } });
});

test("what was committed and not yet moved, since the run was killed, is moved by the next", async () => {
  const { feed, names } = await open();
  feed.write("exports/a.csv", one);
  await feed.run(feed.pipeline(yaml("at: exports")));
  const moving = feed.pipeline(yaml("at: exports, after: { move: archive }"));

  expect(await feed.run(moving)).toMatchObject({ status: "unchanged", read: 0 });

  expect(names("exports")).toEqual([]);
  expect(names("archive")).toEqual(["a.csv"]);
});

test("a dry run and --file leave every file where it is", async () => {
  const { feed, run, names } = await open("at: exports, after: delete");
  feed.write("exports/a.csv", one);

  await run({ dryRun: true });
  await run({ file: join(feed.folder, "exports/a.csv") });
  expect(names("exports")).toEqual(["a.csv"]);

  await run();
  expect(names("exports")).toEqual([]);
});

test("a stale copy is told, and moved as well", async () => {
  const { feed, run, names } = await open("at: exports, after: move");
  feed.write("exports/a.csv", one);
  await run();
  feed.write("exports/b.csv", one);

  expect(await run()).toMatchObject({ status: "stale", read: 0 });
  expect(names("exports/done")).toEqual(["a.csv", "b.csv"]);
});

test("the same content with a new date under its old name is stale, with its old date unchanged", async () => {
  const { feed, run } = await open();
  feed.write("exports/a.csv", one);
  await run();
  expect((await run()).status).toBe("unchanged");

  const later = new Date(fileTime.getTime() - 60_000);
  utimesSync(join(feed.folder, "exports/a.csv"), later, later);
  expect((await run()).status).toBe("stale");
});

test("a refused file stays, unless `failed` asks for it; a link out of the folder stays in any case", async () => {
  const { feed, run, names } = await open("at: exports, after: move");
  feed.write("exports/a.csv", "Something,Else\n1,2\n");
  feed.write("secret/other.csv", two);
  symlinkSync(join(feed.folder, "secret/other.csv"), join(feed.folder, "exports/out.csv"));
  await run();
  expect(names("exports")).toEqual(["a.csv", "out.csv"]);

  const pipeline = feed.pipeline(yaml("at: exports, after: { move: true, failed: true }"));
  expect((await feed.run(pipeline)).status).toBe("failed");
  expect(names("exports")).toEqual(["failed", "out.csv"]);
  expect(names("exports/failed")).toEqual(["a.csv"]);
});

test("a newer export that took the file's place while it was loaded is not touched", async () => {
  const { feed, names } = await open();
  feed.write("exports/a.csv", one);
  const pipeline = feed.pipeline(yaml("at: exports, after: delete"));
  const progress = {
    report: () => {
      const path = join(feed.folder, "exports/a.csv");
      if (readFileSync(path, "utf8") === one) appendFileSync(path, "3,Newer Person\n");
    },
    finish: () => undefined,
  };
  const { ingest } = await import("../../src/pipelines/ingest.ts");
  const { everyDefault } = await import("../support/ingest-context.ts");

  await ingest(pipeline, everyDefault, { ...feed.context, progress });

  expect(names("exports")).toEqual(["a.csv"]);
});

test("an after-action that fails is told, and the file is in the store all the same", async () => {
  const { feed, run, names } = await open("at: exports, after: { move: blocked }");
  feed.write("exports/a.csv", one);
  feed.write("blocked", "a file where a folder should be");

  expect(await run()).toMatchObject({
    status: "succeeded",
    loaded: 1,
    warnings: { after_action_failed: 1 },
  });
  expect(names("exports")).toEqual(["a.csv"]);
});

test("with `ready`, a file counts once its marker lies beside it, and takes the marker along", async () => {
  const { feed, run, names } = await open("at: exports, ready: .done, after: move");
  feed.write("exports/a.csv", one);
  expect(await run()).toMatchObject({ files: 0, warnings: { file_not_ready: 1 } });

  feed.write("exports/a.csv.done", "");
  expect(await run()).toMatchObject({ files: 1, loaded: 1 });
  expect(names("exports/done")).toEqual(["a.csv", "a.csv.done"]);
});

test("with `settle`, a file that was modified a moment ago is left for the next run", async () => {
  const { feed, run } = await open("at: exports, settle: 5m");
  feed.write("exports/a.csv", one);
  expect(await run()).toMatchObject({ files: 0, warnings: { file_still_written: 1 } });

  const earlier = new Date(fileTime.getTime() - 301_000);
  utimesSync(join(feed.folder, "exports/a.csv"), earlier, earlier);
  expect(await run()).toMatchObject({ files: 1, loaded: 1 });
});

test("a young file that grows between two looks is left for the next run", async () => {
  const { feed, run } = await open();
  feed.write("exports/a.csv", one);
  const path = join(feed.folder, "exports/a.csv");
  const writing = setInterval(() => appendFileSync(path, "2,Somebody\n"), 10);
  onTestFinished(() => clearInterval(writing));

  expect(await run()).toMatchObject({ files: 0, warnings: { file_still_written: 1 } });
});

test.runIf(process.platform === "linux")(
  "a file that another process holds open for writing is left for the next run",
  async () => {
    const { feed, run } = await open();
    feed.write("exports/a.csv", one);
    const path = join(feed.folder, "exports/a.csv");
    const writer = spawn("sh", ["-c", 'exec 3>>"$1"; echo open; exec sleep 60', "sh", path], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void writer.kill("SIGKILL"));
    await once(writer.stdout, "data");
    expect(await run()).toMatchObject({ files: 0, warnings: { file_still_written: 1 } });

    writer.kill("SIGKILL");
    await once(writer, "exit");
    expect(await run()).toMatchObject({ files: 1, loaded: 1 });
  },
);

test("`inbox` is the folder of what was uploaded for the facility", async () => {
  const { feed, run } = await open("at: inbox, after: delete");
  mkdirSync(join(feed.folder, ".hims/files"), { recursive: true });
  expect(await run()).toMatchObject({ files: 0, warnings: { no_file_found: 1 } });

  feed.write(".hims/files/inbox/DDU/a.csv", one);
  feed.write(".hims/files/inbox/OTHER/b.csv", two);
  expect(await run()).toMatchObject({ files: 1, loaded: 1 });
  expect(existsSync(join(feed.folder, ".hims/files/inbox/OTHER/b.csv"))).toBe(true);
});

test("a folder that is called inbox itself is not passed over in silence", async () => {
  const { feed, run } = await open("at: inbox");
  feed.write("inbox/a.csv", one);

  expect((await run()).error).toMatchObject({ code: "HIMS_INBOX_AMBIGUOUS" });
});
