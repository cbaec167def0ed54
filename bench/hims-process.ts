/** The real command line as a child: what it answered, and how much memory it took at its highest. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/platform/package-root.ts";

export interface HimsProcess<Data> {
  /** `data` of `--json`. */
  readonly data: Data;
  /** Wall time of the whole process. */
  readonly seconds: number;
  /** Highest resident size of the process; null where the system does not say (only Linux does). */
  readonly peakBytes: number | null;
}

export interface HimsPlace {
  /** The workspace, or the folder to make one in. */
  readonly folder: string;
  /** Where V8 leaves a CPU profile; null: none is made. */
  readonly profiles?: string | null;
}

/** @throws Error with the command's own message where it fails */
export async function runHims<Data>(
  args: readonly string[],
  { folder, profiles = null }: HimsPlace,
): Promise<HimsProcess<Data>> {
  const started = performance.now();
  const profiling = profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const child = spawn(
    process.execPath,
    [...profiling, join(packageRoot(), "bin", "hims.js"), ...args, "--json"],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let peakBytes: number | null = null;
  const watch = setInterval(() => {
    peakBytes = peakOf(child.pid) ?? peakBytes;
  }, 50);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => clearInterval(watch));
  if (exitCode !== 0)
    throw new Error(
      `hims ${args.join(" ")} ended with ${exitCode}: ${output.stdout}${output.stderr}`,
    );
  const { data } = JSON.parse(output.stdout) as { readonly data: Data };
  return { data, seconds: (performance.now() - started) / 1000, peakBytes };
}

/** The kernel keeps the high-water mark, so that the last look before the end is enough. */
function peakOf(processId: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${processId}/status`, "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    // No /proc here, or the process has just ended: there is nothing more to learn.
    return null;
  }
}
