/** A tmpfs of a few hundred MB over a temporary folder, which a test can fill. Only root may mount, and not in every container. */
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./cli.ts";

const mebibyte = 1024 * 1024;

export interface SmallDisk {
  readonly path: string;
  /** Fills it until so many MiB are left. */
  readonly fillUpTo: (leftMebibytes: number) => void;
  readonly makeRoom: () => void;
  readonly remove: () => void;
}

export function smallDisk(mebibytes: number): SmallDisk {
  const { path, remove } = temporaryFolder();
  if (!mounted(path, mebibytes)) throw new Error("mount failed");
  const fill = join(path, "fill");
  return {
    path,
    fillUpTo(left) {
      const { bavail, bsize } = statfsSync(path);
      const chunks = Math.max(0, Math.floor((bavail * bsize) / mebibyte) - left);
      for (let chunk = 0; chunk < chunks; chunk += 1)
        writeFileSync(fill, Buffer.alloc(mebibyte), { flag: "a" });
    },
    makeRoom: () => rmSync(fill, { force: true }),
    remove() {
      spawnSync("umount", ["--lazy", path]);
      remove();
    },
  };
}

export function mayMount(): boolean {
  const { path, remove } = temporaryFolder();
  const isMounted = mounted(path, 1);
  if (isMounted) spawnSync("umount", [path]);
  remove();
  return isMounted;
}

function mounted(path: string, mebibytes: number): boolean {
  const options = `size=${mebibytes}m,mode=711`;
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status === 0;
}
