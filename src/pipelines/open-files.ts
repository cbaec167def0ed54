/** Files that another process holds open for writing, as Linux tells it under /proc. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";

/**
 * Those of the given paths that another process of this machine is writing. What cannot be seen (processes of other users,
 * other machines, other systems than Linux) is not told.
 */
export function filesOpenForWriting(paths: readonly string[]): ReadonlySet<string> {
  if (process.platform !== "linux") return new Set();
  const wanted = new Map(paths.map((path) => [orNull(() => realpathSync(path)) ?? path, path]));
  const open = new Set<string>();
  for (const pid of namesIn("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    for (const path of writtenBy(pid, wanted)) open.add(path);
  }
  return open;
}

function writtenBy(pid: string, wanted: ReadonlyMap<string, string>): readonly string[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const target = orNull(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    const path = target === null ? undefined : wanted.get(target);
    return path !== undefined && isForWriting(pid, descriptor) ? [path] : [];
  });
}

/** The last two bits of the octal flags: read only is 0, write only 1, both 2. */
function isForWriting(pid: string, descriptor: string): boolean {
  const text = orNull(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "utf8"));
  const flags = /^flags:\s*([0-7]+)$/m.exec(text ?? "")?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0;
}

function namesIn(folder: string): readonly string[] {
  return orNull(() => readdirSync(folder)) ?? [];
}

/** Processes end while we look, and those of others are closed to us: both are no answer, and no error. */
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
