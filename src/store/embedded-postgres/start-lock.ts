/**
 * One creator, starter or stopper of a cluster at a time. The lock is an abstract Unix socket: the kernel drops it with
 * its process, even on kill -9, so there is never a stale one. (PostgreSQL's own lock file cannot do this: overwriting a
 * stale postmaster.pid while another process starts the server would let two servers loose on one data directory.)
 */
import { statSync } from "node:fs";
import { createServer, type Server } from "node:net";

export interface StartLock {
  release(): Promise<void>;
}

/** The lock of a cluster's home folder (which exists), or null when another process holds it. */
export function takeStartLock(home: string): Promise<StartLock | null> {
  const { dev, ino } = statSync(home);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen({ path: `\0hims-start-${dev}-${ino}` }, () => {
      server.unref();
      resolve({ release: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
