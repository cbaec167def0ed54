import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, readEnvironment } from "./config.ts";
import { findWorkspace, type Workspace, workspaceAt } from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = workspaceAt(mkdtempSync(join(tmpdir(), "hims-config-")));
  writeFileSync(workspace.configPath, "version: 1\n");
});
afterEach(() => rmSync(workspace.root, { recursive: true }));

test("an almost empty file gives the defaults", () => {
  expect(loadConfig(workspace, {})).toEqual({
    timezone: "Asia/Kolkata",
    group: null,
    database: { url: null },
    cards: { host: "HTTPS://HIMS.INVALID/C", out: null },
    serve: { host: "127.0.0.1", port: 8080, uploadLimitMb: 1024 },
  });
});

test("the environment goes before .env, which goes before hims.yaml", () => {
  writeFileSync(
    workspace.configPath,
    "version: 1\nserve: { port: 1000, host: a }\ntimezone: Asia/Dubai\n",
  );
  writeFileSync(join(workspace.root, ".env"), "HIMS_SERVE_PORT=2000\nHIMS_SERVE_HOST=b\n");

  const config = loadConfig(workspace, readEnvironment(workspace, { HIMS_SERVE_PORT: "3000" }));

  expect(config).toMatchObject({ serve: { port: 3000, host: "b" }, timezone: "Asia/Dubai" });
});

test("DATABASE_URL is honored, HIMS_DATABASE_URL before it", () => {
  const DATABASE_URL = "postgres://a/b";

  expect(loadConfig(workspace, { DATABASE_URL }).database.url).toBe(DATABASE_URL);
  expect(
    loadConfig(workspace, { DATABASE_URL, HIMS_DATABASE_URL: "postgres://c/d" }).database.url,
  ).toBe("postgres://c/d");
});

test("a password is refused in the file itself, and accepted through a reference", () => {
  const url = "postgres://hims:hunter2@db/hims";

  writeFileSync(workspace.configPath, `version: 1\ndatabase:\n  url: ${url}\n`);
  expect(() => loadConfig(workspace, {})).toThrow(
    expect.objectContaining({ code: "HIMS_CONFIG", at: expect.objectContaining({ line: 3 }) }),
  );
  expect(() => loadConfig(workspace, {})).not.toThrow(/hunter2/);

  writeFileSync(workspace.configPath, `version: 1\ndatabase:\n  url: "\${env:URL}"\n`);
  expect(loadConfig(workspace, { URL: url }).database.url).toBe(url);
});

test.each(["HIMS_SERVE_PORT", "HIMS_TIMEZONE"])(
  "a wrong %s is told by its name, not its value",
  (name) => {
    expect(() => loadConfig(workspace, { [name]: "nonsense" })).toThrow(
      new RegExp(`^(?!.*nonsense).*${name}`),
    );
  },
);

test("a workspace is found from a folder inside it, and the named one goes first", () => {
  const inside = join(workspace.root, "pipelines/deep");
  mkdirSync(inside, { recursive: true });

  expect(findWorkspace(inside, null).root).toBe(workspace.root);
  expect(findWorkspace("/", workspace.root)).toEqual(workspace);
});

test("where there is no workspace the error says how to make one", () => {
  const missing = expect.objectContaining({
    code: "HIMS_WORKSPACE_MISSING",
    kind: "usage",
    hint: expect.stringContaining("hims init"),
  });

  expect(() => findWorkspace(tmpdir(), null)).toThrow(missing);
  expect(() => findWorkspace(workspace.root, "elsewhere")).toThrow(missing);
});
