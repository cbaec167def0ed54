import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { takeStartLock } from "../../src/store/embedded-postgres/start-lock.ts";
import {
  type EmbeddedPostgres,
  embeddedPostgresStatus,
  ensureEmbeddedPostgres,
  stopEmbeddedPostgres,
} from "../../src/store/embedded-postgres.ts";

const ballastBytes = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const nameless = { uid: 70000, gid: 70000 };
const program = fileURLToPath(new URL("ensure-process.ts", import.meta.url));

const stateRoots: string[] = [];
const folders: string[] = [];
const strangers: ChildProcess[] = [];

afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.kill("SIGKILL");
  for (const stateRoot of stateRoots.splice(0)) {
    const { socketDirectory } = await embeddedPostgresStatus({ stateRoot });
    await stopEmbeddedPostgres({ stateRoot });
    rmSync(homeOf(stateRoot), { recursive: true, force: true });
    if (socketDirectory !== null) rmSync(socketDirectory, { recursive: true, force: true });
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("the embedded database", () => {
  test("is created, started, joined, seen and stopped", async () => {
    const stateRoot = aStateRoot("with space, and 'quotes\"");

    expect((await embeddedPostgresStatus({ stateRoot })).running).toBe(false);
    expect(await stopEmbeddedPostgres({ stateRoot })).toBe(false);
    const first = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const second = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });

    expect(first).toMatchObject({ started: true, version: "18.4", port: 5432 });
    expect(second).toEqual({ ...first, started: false });
    expect(await embeddedPostgresStatus({ stateRoot })).toMatchObject({
      running: true,
      url: first.url,
    });
    expect(lstatSync(first.socketDirectory).mode & 0o777).toBe(0o700);
    expect(lstatSync(stateRoot).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
    const ballast = lstatSync(join(homeOf(stateRoot), "ballast"));
    expect(ballast.size).toBe(ballastBytes);
    expect(ballast.blocks * 512).toBeGreaterThanOrEqual(ballastBytes);
    expect(await stopEmbeddedPostgres({ stateRoot })).toBe(true);
    expect((await embeddedPostgresStatus({ stateRoot })).running).toBe(false);
  });

  test("has its roles, a checked cluster and one order of text on every machine", async () => {
    const server = await ensureEmbeddedPostgres({ stateRoot: aStateRoot(), ballastBytes });

    const settings = await query(
      server,
      `select current_setting('data_checksums') as checksums, current_setting('listen_addresses') as addresses,
        current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
        (select datlocprovider::text || datlocale from pg_database where datname = 'hims') as locale,
        (select pg_get_userbyid(datdba) from pg_database where datname = 'hims') as owner,
        pg_has_role('hims_owner', 'hims_reader', 'set') and pg_has_role('hims_owner', 'hims_writer', 'set') as may_become`,
    );

    expect(settings).toEqual([
      {
        checksums: "on",
        addresses: "",
        zone: "UTC",
        encoding: "UTF8",
        locale: "bC.UTF-8",
        owner: "hims_owner",
        may_become: true,
      },
    ]);
    await query(server, "create extension pg_trgm; set role hims_reader");
  });

  test("is one cluster when twenty processes ask for it at once", async () => {
    const stateRoot = aStateRoot();

    const answers = await Promise.all(Array.from({ length: 20 }, () => ensureAs(stateRoot, {})));

    expect(answers.filter((answer) => answer.started)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.url)).size).toBe(1);
    const left = readdirSync(homeOf(stateRoot)).filter((name) => name.startsWith("pg18"));
    expect(left).toEqual(["pg18"]);
  }, 60_000);

  test("is started although a process was killed while it held the start lock", async () => {
    const stateRoot = aStateRoot();
    mkdirSync(join(stateRoot, "postgres"), { recursive: true });
    const holder = await holdStartLock(join(stateRoot, "postgres"));
    const waiting = ensureAs(stateRoot, {});

    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(existsSync(join(stateRoot, "postgres", "pg18"))).toBe(false);
    holder.kill("SIGKILL");

    expect((await waiting).started).toBe(true);
  });

  test("keeps what was committed when its server is killed, and outlives the process that started it", async () => {
    const stateRoot = aStateRoot();
    const server = await ensureAs(stateRoot, {});
    await query(
      server,
      "create table kept (n int); insert into kept select generate_series(1, 500)",
    );

    process.kill(pidOf(server), "SIGKILL");
    const again = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });

    expect(again.started).toBe(true);
    expect(await query(again, "select count(*)::int as n from kept")).toEqual([{ n: 500 }]);
  });

  test("starts within five seconds although a killed server left a busy backend behind", async () => {
    const stateRoot = aStateRoot();
    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const busy = query(server, "select count(*) from generate_series(1, 200000000)");
    const broken = expect(busy).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 300));

    process.kill(pidOf(server), "SIGKILL");
    const begun = Date.now();
    const again = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });

    expect(again.started).toBe(true);
    expect(Date.now() - begun).toBeLessThan(5_000);
    await broken;
  });

  test("starts although its lock files name a living stranger", async () => {
    const stateRoot = aStateRoot();
    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const lock = join(server.dataDirectory, "postmaster.pid");
    const socketLock = join(server.socketDirectory, ".s.PGSQL.5432.lock");
    const [text, socketText] = [readFileSync(lock, "utf8"), readFileSync(socketLock, "utf8")];
    await stopEmbeddedPostgres({ stateRoot });
    // The stranger runs as the server's uid: only such a pid blocks PostgreSQL.
    const owner = lstatSync(server.dataDirectory);
    const stranger = spawn("sleep", ["600"], isRoot ? { uid: owner.uid, gid: owner.gid } : {});
    strangers.push(stranger);
    for (const [path, old] of [
      [lock, text],
      [socketLock, socketText],
    ] as const) {
      writeFileSync(path, old.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 });
      chownSync(path, owner.uid, owner.gid);
    }

    const again = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });

    expect(again.started).toBe(true);
    expect(stranger.exitCode).toBeNull();
  });

  test("starts although its lock file is empty", async () => {
    const stateRoot = aStateRoot();
    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    await stopEmbeddedPostgres({ stateRoot });
    const owner = lstatSync(server.dataDirectory);
    const lock = join(server.dataDirectory, "postmaster.pid");
    writeFileSync(lock, "", { mode: 0o600 });
    chownSync(lock, owner.uid, owner.gid);

    expect((await ensureEmbeddedPostgres({ stateRoot, ballastBytes })).started).toBe(true);
  });

  test("puts its socket elsewhere when the path is too long for one, and others find it", async () => {
    const stateRoot = aStateRoot("x".repeat(150));

    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const joined = await ensureAs(stateRoot, {});

    expect(server.socketDirectory.startsWith(stateRoot)).toBe(false);
    expect(existsSync(join(stateRoot, "where"))).toBe(true);
    expect(joined).toEqual({ ...server, started: false });
  });

  test("moves with its workspace while it runs, and a copy of the workspace gets a server of its own", async () => {
    const stateRoot = aStateRoot("x".repeat(150));
    const moved = join(dirname(dirname(stateRoot)), "y".repeat(150), ".hims");
    const copied = join(dirname(dirname(stateRoot)), "z".repeat(150), ".hims");
    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    await query(server, "create table kept (n int); insert into kept values (1)");
    await stopEmbeddedPostgres({ stateRoot });
    spawnSync("cp", ["-a", dirname(stateRoot), dirname(copied)]);
    await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    stateRoots.push(copied);
    const copy = await ensureEmbeddedPostgres({ stateRoot: copied, ballastBytes });

    renameSync(dirname(stateRoot), dirname(moved));
    stateRoots.push(moved);
    const again = await ensureEmbeddedPostgres({ stateRoot: moved, ballastBytes });

    expect(copy.socketDirectory).not.toBe(server.socketDirectory);
    expect(again.dataDirectory).toBe(join(moved, "postgres", "pg18"));
    expect(await query(again, "select n from kept")).toEqual([{ n: 1 }]);
    expect(existsSync(stateRoot)).toBe(false);
    rmSync(server.socketDirectory, { recursive: true });
  });

  test("is not fooled by a folder another user made at its place in the temp directory", async () => {
    const stateRoot = aStateRoot("x".repeat(150));
    const hash = createHash("sha256").update(stateRoot).digest("hex").slice(0, 16);
    const trap = join("/tmp", `hims-${hash}`);
    folders.push(trap);
    mkdirSync(trap);
    chmodSync(trap, 0o777);

    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const joined = await ensureAs(stateRoot, {});

    expect(server.socketDirectory).not.toBe(trap);
    expect(joined.url).toBe(server.url);
  });

  test("gets its ballast back when it was given up", async () => {
    const stateRoot = aStateRoot();
    await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const ballast = join(homeOf(stateRoot), "ballast");
    rmSync(ballast);

    await ensureEmbeddedPostgres({ stateRoot, ballastBytes });

    expect(existsSync(ballast)).toBe(true);
  });

  test("writes no value of a failed statement into its log", async () => {
    const stateRoot = aStateRoot();
    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    await query(server, "create table t (n int primary key); insert into t values (4711001)");

    await expect(query(server, "select 'canary-4711001'::date")).rejects.toThrow();
    await expect(query(server, "insert into t values (4711001)")).rejects.toThrow();

    const logs = join(homeOf(stateRoot), "log");
    const text = readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), "utf8"))
      .join("");
    expect(text).toContain("ready to accept connections");
    expect(text).not.toContain("4711001");
  });
});

describe.runIf(isRoot)("for an ordinary user", () => {
  test("the database runs as that user, root may join it, and another user may not", async () => {
    const stateRoot = aStateRoot("nobodys", nobody);

    const server = await ensureAs(stateRoot, nobody);

    expect(server.started).toBe(true);
    expect(lstatSync(server.dataDirectory).uid).toBe(nobody.uid);
    expect(lstatSync(stateRoot).mode & 0o777).toBe(0o700);
    expect((await ensureEmbeddedPostgres({ stateRoot, ballastBytes })).started).toBe(false);
    await expect(ensureAs(stateRoot, nameless)).rejects.toThrow("HIMS_EMBEDDED_ACCESS");
  });

  test("root starts the user's database only when told to trust the user, as the user's, who can go on with it", async () => {
    const stateRoot = aStateRoot("nobodys", nobody);
    await ensureAs(stateRoot, nobody);
    await stopEmbeddedPostgres({ stateRoot });

    await expect(ensureAs(stateRoot, {})).rejects.toThrow("HIMS_WORKSPACE_OWNER");
    const byRoot = await ensureAs(stateRoot, {}, { HIMS_TRUST_WORKSPACE: "1" });
    const joined = await ensureAs(stateRoot, nobody);
    await stopEmbeddedPostgres({ stateRoot });
    const byUser = await ensureAs(stateRoot, nobody);

    expect([byRoot.started, joined.started, byUser.started]).toEqual([true, false, true]);
  });

  test("a uid without a passwd line gets a database too", async () => {
    const stateRoot = aStateRoot("nameless", nameless);

    const server = await ensureAs(stateRoot, nameless);

    expect(server.started).toBe(true);
    expect(lstatSync(server.dataDirectory).uid).toBe(nameless.uid);
  });
});

describe.runIf(isRoot)("the start lock", () => {
  test("of root's database cannot be taken by a user who may enter its folder", () => {
    const home = aHome();

    const { status, stderr } = spawnSync(process.execPath, [program, "hold", home], {
      ...nobody,
      cwd: "/",
      encoding: "utf8",
    });

    expect(status).not.toBe(0);
    expect(stderr).toContain("HIMS_EMBEDDED_ACCESS");
  });

  test("can be taken by a user after root, and keeps root out", async () => {
    const home = aHome();
    chownSync(home, nobody.uid, nobody.gid);

    takeStartLock(home)?.release();
    const holder = await holdStartLock(home, nobody);

    expect(takeStartLock(home)).toBeNull();
    expect(holder.exitCode).toBeNull();
  });
});

describe.runIf(isRoot)("for root", () => {
  test("a home that `where` names is taken only where HIMS itself would have put it", async () => {
    const stateRoot = aStateRoot("planted");
    const home = join(dirname(dirname(stateRoot)), "elsewhere");
    mkdirSync(stateRoot);
    const where = { workspace: stateRoot, home, socketDirectory: join(home, "run") };
    writeFileSync(join(stateRoot, "where"), JSON.stringify(where));

    await expect(ensureAs(stateRoot, {})).rejects.toThrow("HIMS_EMBEDDED_PLACE");

    expect(existsSync(home)).toBe(false);
    rmSync(join(stateRoot, "where"));
  });

  test("in a private folder the cluster lies outside, and `where` names it", async () => {
    const stateRoot = aStateRoot("private");
    chmodSync(dirname(stateRoot), 0o700);

    const server = await ensureEmbeddedPostgres({ stateRoot, ballastBytes });
    const joined = await ensureAs(stateRoot, {});

    expect(server.dataDirectory.startsWith(stateRoot)).toBe(false);
    expect(joined).toEqual({ ...server, started: false });
    expect(lstatSync(server.dataDirectory).uid).not.toBe(0);
  });
});

describe.runIf(isRoot && mayMount())("on a full disk", () => {
  test("the ballast makes room to start again, and comes back when there is plenty", async () => {
    const stateRoot = aStateRoot();
    const disk = dirname(stateRoot);
    mount(disk);
    try {
      const options = { stateRoot, ballastBytes: 24 * 1024 * 1024 };
      const server = await ensureEmbeddedPostgres(options);
      await query(server, "create table kept (n int); insert into kept values (1)");
      const fill = join(disk, "fill");
      spawnSync("dd", ["if=/dev/zero", `of=${fill}`, "bs=64k"], { stdio: "ignore" });
      process.kill(pidOf(server), "SIGKILL");

      const again = await ensureEmbeddedPostgres(options);

      expect(await query(again, "select n from kept")).toEqual([{ n: 1 }]);
      expect(existsSync(join(homeOf(stateRoot), "ballast"))).toBe(false);
      rmSync(fill);
      await ensureEmbeddedPostgres(options);
      expect(existsSync(join(homeOf(stateRoot), "ballast"))).toBe(true);
    } finally {
      await stopEmbeddedPostgres({ stateRoot });
      spawnSync("umount", [disk]);
    }
  });
});

function mount(folder: string): void {
  const { status } = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    "size=220m,mode=755",
    "tmpfs",
    folder,
  ]);
  if (status !== 0) throw new Error("mount failed");
}

/** Containers usually forbid it. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "hims-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  if (status === 0) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return status === 0;
}

/** A `.hims` folder that does not exist yet, in a folder of its own that everyone may enter. */
function aStateRoot(name = "workspace", owner: { uid: number; gid: number } | null = null): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hims-embedded-")));
  folders.push(folder);
  const workspace = join(folder, name);
  mkdirSync(workspace, { mode: 0o755 });
  chmodSync(folder, 0o755);
  if (owner !== null) chownSync(workspace, owner.uid, owner.gid);
  const stateRoot = join(workspace, ".hims");
  stateRoots.push(stateRoot);
  return stateRoot;
}

/** An empty folder that everyone may enter, as root's homes are. */
function aHome(): string {
  const home = mkdtempSync(join(tmpdir(), "hims-embedded-"));
  folders.push(home);
  chmodSync(home, 0o711);
  return home;
}

/** Where the cluster lies: inside, unless `where` says otherwise. */
function homeOf(stateRoot: string): string {
  const where = join(stateRoot, "where");
  if (!existsSync(where)) return join(stateRoot, "postgres");
  const { home } = JSON.parse(readFileSync(where, "utf8")) as { home: string };
  return home;
}

/** Ensures in a process of its own, under another uid where one is given; rejects with what it complained. */
function ensureAs(
  stateRoot: string,
  identity: { uid?: number; gid?: number },
  env: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  const child = spawn(process.execPath, [program, "ensure", stateRoot], {
    ...identity,
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C", HOME: "/nonexistent", ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(stdout) as EmbeddedPostgres);
      else reject(new Error(stderr));
    });
  });
}

/** A process that took the start lock of this home and keeps it. */
async function holdStartLock(
  home: string,
  identity: { uid?: number; gid?: number } = {},
): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [program, "hold", home], {
    ...identity,
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  strangers.push(holder);
  await once(holder.stdout, "data");
  return holder;
}

function pidOf(server: EmbeddedPostgres): number {
  return Number.parseInt(readFileSync(join(server.dataDirectory, "postmaster.pid"), "utf8"), 10);
}

async function query(server: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new Client(server.url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
