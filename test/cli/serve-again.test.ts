/** A server whose database was killed answers again by itself. */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CsvWorkspace, csvWorkspace } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
});
afterAll(() => workspace.remove());

async function untilHealth(url: string, status: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.status === status) return;
    await sleep(100);
  }
  throw new Error(`healthz never answered ${status}`);
}

/** The postmaster whose data directory lies in this workspace. */
async function postmasterPid(): Promise<number> {
  const { json } = await workspace.hims(["db", "status"]);
  const host = /[?&]host=([^&]*)/.exec(json?.data.url)?.[1] ?? "";
  const socketFolder = decodeURIComponent(host);
  const lock = readdirSync(socketFolder).find((name) => name.endsWith(".lock"));
  return Number(readFileSync(join(socketFolder, lock ?? ""), "utf8").split("\n")[0]);
}

test("after kill -9 of the database, serve answers 503 and then 200 again", async () => {
  let child: ChildProcess | null = null;
  let said = "";
  const ended = workspace.hims(["serve", "--port", "0", "--json"], {
    onSpawn: (process) => {
      child = process;
      process.stdout?.on("data", (text: string | Buffer) => {
        said += text.toString();
      });
    },
  });
  for (let attempt = 0; attempt < 600 && !said.includes("\n"); attempt += 1) await sleep(50);
  const { url } = JSON.parse(said).data;
  await untilHealth(url, 200);

  process.kill(await postmasterPid(), "SIGKILL");
  await untilHealth(url, 503);
  await untilHealth(url, 200);

  (child as ChildProcess | null)?.kill("SIGTERM");
  expect((await ended).exitCode).toBe(143);
});
