/** A real OpenSSH server on a free loopback port, for tests: its own host key, and this user let in by a key of the test's own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

const program = "/usr/sbin/sshd";

export const hasOpenSsh =
  existsSync(program) && spawnSync("ssh-keygen", ["-?"]).error === undefined;
/** What a test that is skipped says of itself. */
export const openSshNotice = hasOpenSsh ? "" : " (skipped: no /usr/sbin/sshd here)";

export interface OpenSshServer {
  readonly port: number;
  readonly user: string;
  /** Of its Ed25519 key. */
  readonly fingerprint: string;
  /** Path of a private key that is let in. */
  readonly key: string;
}

/** Serves the whole machine as this user sees it, until the test has finished. */
export async function anOpenSshServer(): Promise<OpenSshServer> {
  const folder = mkdtempSync(join(tmpdir(), "hims-sshd-"));
  const host = newKey(join(folder, "host"));
  const client = newKey(join(folder, "client"));
  const port = await freePort();
  writeFileSync(
    join(folder, "sshd_config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${host.path}`,
      `PidFile ${join(folder, "sshd.pid")}`,
      `AuthorizedKeysFile ${client.path}.pub`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      "Subsystem sftp internal-sftp",
      "",
    ].join("\n"),
  );
  // Where no sshd runs by itself, root's finds its empty folder missing.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const log = join(folder, "log");
  const server = spawn(program, ["-D", "-f", join(folder, "sshd_config"), "-E", log], {
    stdio: "ignore",
  });
  onTestFinished(async () => {
    await ended(server);
    rmSync(folder, { recursive: true, force: true });
  });
  await listening(port, server, log);
  return { port, user: userInfo().username, fingerprint: host.fingerprint, key: client.path };
}

function newKey(path: string): { readonly path: string; readonly fingerprint: string } {
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  const { stdout } = spawnSync("ssh-keygen", ["-lf", `${path}.pub`], { encoding: "utf8" });
  return { path, fingerprint: stdout.split(" ")[1] ?? "" };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

async function listening(port: number, server: ChildProcess, log: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (server.exitCode !== null) break;
    if (await answers(port)) return;
    await sleep(50);
  }
  throw new Error(`sshd did not start: ${existsSync(log) ? readFileSync(log, "utf8") : "no log"}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  await new Promise((closed) => {
    server.once("close", closed);
    server.kill();
  });
}
