import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHims, temporaryFolder } from "../support/cli.ts";
import { type CsvWorkspace, csvWorkspace, header, pipelineYaml } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
});
afterAll(() => workspace.remove());

test("a name that would drive the terminal is shown instead, and JSON still says it", async () => {
  const name = "spoof-\u001b]0;x\u0007\u009b2J\u202egnp\n.csv";
  workspace.write(`exports/${name}`, `${header}1,Asha Devi,F,01/02/1980\n`);
  workspace.write("pipelines/spoof.yaml", pipelineYaml("spoof"));

  const text = await runHims(["pipeline", "check", "spoof"], { cwd: workspace.path });
  const json = await workspace.hims(["pipeline", "check", "spoof"]);

  expect(text.stdout).toContain("spoof-\\x1b]0;x\\x07\\x9b2J\\u202egnp");
  for (const { stdout } of [text, json]) expect(stdout).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
  expect(json.json?.data.pipelines[0].file).toBe(name);
});

test("pipeline show says what a secret is called, not what it is", async () => {
  workspace.write("secret.txt", "exports/hunter2.csv\n");
  workspace.write(
    "pipelines/referring.yaml",
    pipelineYaml("referring").replace("../exports/referring*.csv", `"\${file:../secret.txt}"`),
  );

  const text = await runHims(["pipeline", "show", "referring"], { cwd: workspace.path });
  const json = await workspace.hims(["pipeline", "show", "referring"]);

  expect(text).toMatchObject({ exitCode: 0, stderr: "" });
  expect(json.json?.data.source).toMatchObject({ at: `\${file:../secret.txt}`, encoding: "auto" });
  expect(text.stdout + json.stdout).not.toContain("hunter2");
});

test("pipeline check tells each mistake once", async () => {
  workspace.write("pipelines/twice.yaml", pipelineYaml("twice", "shedule: 30 1 * * *\n"));

  const { exitCode, stdout, stderr } = await runHims(["pipeline", "check", "twice"], {
    cwd: workspace.path,
  });

  expect(exitCode).toBe(2);
  expect((stdout + stderr).split('unknown key "shedule"')).toHaveLength(2);
});

test("flags that must be given are named as they are typed", async () => {
  const { exitCode, json } = await runHims(["facility", "add", "x", "--json"]);

  expect(exitCode).toBe(2);
  expect(json?.error).toMatchObject({
    code: "HIMS_USAGE",
    message: "--kind is required; --name is required; --ownership is required",
  });
});

test("serve warns when other machines may listen, and only then", async () => {
  const serve = (host: string) =>
    workspace.hims(["serve", "--host", host, "--port", "0"], {
      interrupt: { text: '"url"', signal: "SIGINT" },
    });

  const open = await serve("0.0.0.0");
  const closed = await serve("127.0.0.1");

  expect(open.json?.warnings?.join()).toContain("put a TLS proxy in front");
  expect(closed.json).toMatchObject({ ok: true, warnings: [] });
});

describe.runIf(process.getuid?.() === 0)("root, in a workspace of another user", () => {
  const user = 65_534;
  let folder: ReturnType<typeof temporaryFolder>;
  beforeAll(async () => {
    folder = temporaryFolder();
    await runHims(["init"], { cwd: folder.path });
    // A port that is none makes `doctor` say so, when the file is obeyed.
    writeFileSync(join(folder.path, ".env"), "HIMS_TRUST_WORKSPACE=1\nHIMS_SERVE_PORT=none\n");
    for (const name of [".", ".env", "hims.yaml", ".hims", "pipelines"])
      chownSync(join(folder.path, name), user, user);
  });
  afterAll(() => folder.remove());

  test.each([
    ["below it", (path: string) => ({ cwd: join(path, "pipelines") })],
    ["naming it", (path: string) => ({ env: { HIMS_WORKSPACE: path } })],
  ])("%s, is refused, whatever the workspace's own .env says", async (_, where) => {
    for (const command of [["pipeline", "list"], ["doctor"], ["db", "start"]]) {
      const { exitCode, json } = await runHims([...command, "--json"], where(folder.path));

      expect(exitCode).toBe(2);
      expect(json?.error).toMatchObject({ code: "HIMS_WORKSPACE_OWNER" });
      expect(json?.error?.hint).toContain("HIMS_TRUST_WORKSPACE=1");
    }
  });

  test("is let in when the environment says to trust it", async () => {
    const options = { cwd: folder.path, env: { HIMS_TRUST_WORKSPACE: "1" } };

    const list = await runHims(["pipeline", "list", "--json"], {
      ...options,
      env: { ...options.env, HIMS_SERVE_PORT: "9000" },
    });
    const doctor = await runHims(["doctor", "--json"], options);

    expect(list.exitCode).toBe(0);
    expect(doctor.json?.data.checks).toContainEqual(
      expect.objectContaining({ name: "config", ok: false }),
    );
  });

  test("may still do what needs no workspace", async () => {
    const { exitCode } = await runHims(["pipeline", "schema"], { cwd: folder.path });

    expect(exitCode).toBe(0);
  });
});
