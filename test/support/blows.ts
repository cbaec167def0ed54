/** What can befall the session that loads: cancelled, ended, or killed, alone or with its whole server. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Blow } from "./crash-workspace.ts";

const loader = "from pg_stat_activity where usename = 'hims_writer'";

/** Again and again until the command has ended: between two statements there is nothing to cancel. */
export const cancelStatement: Blow = async (victim, superuser) => {
  const exited = once(victim, "exit");
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await superuser.query(
      `select pg_cancel_backend(pid) ${loader} and state = 'active' and query ~* '^copy'`,
    );
    await sleep(1);
  }
};

export const terminateSession: Blow = (_, superuser) =>
  superuser.query(`select pg_terminate_backend(pid) ${loader}`);

/** The server takes all its sessions down and recovers by itself. */
export const killSession: Blow = async (_, superuser) => {
  const { rows } = await superuser.query(`select pid ${loader}`);
  for (const { pid } of rows) process.kill(pid, "SIGKILL");
};

/** The next command starts it again. */
export const killServer: Blow = async (_, superuser) => {
  const { rows } = await superuser.query("select current_setting('data_directory') as folder");
  const text = readFileSync(`${rows[0].folder}/postmaster.pid`, "utf8");
  process.kill(Number.parseInt(text, 10), "SIGKILL");
};
