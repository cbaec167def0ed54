/** A full disk, or a limit of file sizes: a file is kept whole or not at all, the error says what to do, and with room again the same command gives the whole store. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import { crashExport, crashYaml } from "../support/crash-export.ts";
import { type CrashWorkspace, crashWorkspace } from "../support/crash-workspace.ts";
import { mayMount, type SmallDisk, smallDisk } from "../support/small-disk.ts";

const rows = 4_000;

/** Texts that do not compress: 40 MB of them are 40 MB in the store. */
function incompressible(): string {
  const notes = Array.from(
    { length: 500 },
    (_, row) => `${row + 1},Person ${row},Note,${randomBytes(60_000).toString("base64url")}`,
  );
  return `MRN,Name,What,Note\n${notes.join("\n")}\n`;
}

test("a server that may write no larger file refuses a load as a full disk does, and loads all without the limit", async () => {
  const workspace = await crashWorkspace();
  onTestFinished(() => workspace.remove());
  workspace.write(
    "pipelines/opd.yaml",
    `version: 1
name: opd
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: ../exports/opd.csv }
fields: { mrn: MRN, name: Name, eventKind: { value: condition }, display: What, note: Note }
`,
  );
  workspace.write("exports/opd.csv", incompressible());
  const before = await workspace.hash();
  await workspace.hims(["db", "stop"]);
  // Blocks of 512 bytes: a little more than a segment of the server's log.
  const limited = 'ulimit -f 34000 && exec "$0" db start';
  execFileSync("sh", ["-c", limited, join(packageRoot(), "bin", "hims")], { cwd: workspace.path });

  const refused = await workspace.hims(["run", "opd"]);

  expect([refused.exitCode, refused.json?.error?.code]).toEqual([4, "HIMS_DISK_FULL"]);
  expect(await workspace.hash()).toBe(before);
  await workspace.hims(["db", "stop"]);
  const again = await workspace.hims(["run", "opd"]);
  expect(again.json?.data.runs[0]).toMatchObject({ status: "succeeded", loaded: 500 });
  expect(await workspace.staging()).toEqual([]);
});

describe.runIf(mayMount())("on a disk of 400 MiB", () => {
  let undisturbed: string;
  let disk: SmallDisk;
  let workspace: CrashWorkspace;

  beforeAll(async () => {
    disk = smallDisk(400);
    workspace = await crashWorkspace(disk);
    workspace.write("pipelines/opd.yaml", crashYaml("opd"));
    workspace.write("exports/opd.csv", crashExport(rows, 5));
    await workspace.keep("blank");
    await workspace.hims(["run", "opd"]);
    undisturbed = await workspace.hash();
  });
  afterAll(() => workspace.remove());

  async function expectRerunGivesAll(): Promise<void> {
    disk.makeRoom();
    const again = await workspace.hims(["run", "opd"]);
    expect(again.exitCode).toBe(0);
    expect(await workspace.hash()).toBe(undisturbed);
    expect(await workspace.staging()).toEqual([]);
  }

  async function expectWholeOrNothing(): Promise<void> {
    const [kept] = await workspace.rows(`select (select count(*)::int from source_file) as files,
      (select count(*)::int from quarantine) as rejects, (select count(*) > 0 from patient_record) as records`);
    expect(kept).toEqual(
      kept?.["files"] === 1
        ? { files: 1, rejects: rows / 50, records: true }
        : { files: 0, rejects: 0, records: false },
    );
  }

  test("with a MiB left a load is refused, says that the disk is full, and loads all when there is room", async () => {
    await workspace.putBack("blank");
    disk.fillUpTo(1);

    const full = await workspace.hims(["run", "opd"]);

    expect([full.exitCode, full.json?.error?.code]).toEqual([4, "HIMS_DISK_FULL"]);
    expect(full.json?.error?.hint).toContain("Free some space");
    expect(full.json?.data.runs[0]).toMatchObject({ status: "failed", loaded: 0 });
    // The server goes on, or comes back, although nothing has been freed.
    const list = await workspace.hims(["history", "list"]);
    expect(list.json?.data.runs).toMatchObject([{ kind: "ingest", loaded: 0 }]);
    await expectWholeOrNothing();
    await expectRerunGivesAll();
  });

  // Somewhere on the way to the last commit: in staging, settling, the server's own log, or linking.
  test.each([3, 6, 9, 12])(
    "with %i MiB left what breaks off is mended by a re-run",
    async (left) => {
      await workspace.putBack("blank");
      disk.fillUpTo(left);

      const full = await workspace.hims(["run", "opd"]);

      if (full.exitCode === 6) expect(full.json?.warnings?.join()).toContain("the disk is full");
      else if (full.exitCode !== 0)
        expect([full.exitCode, full.json?.error?.code]).toEqual([4, "HIMS_DISK_FULL"]);
      await expectWholeOrNothing();
      await expectRerunGivesAll();
    },
  );
});
