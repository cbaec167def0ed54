/** Where the body of a worker thread lies: beside the sources, or in the build that is running. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @param name path below `src/` without its extension, such as `pipelines/csv-block-worker` */
export function workerFile(name: string): string {
  const own = fileURLToPath(import.meta.url);
  if (own.endsWith(".ts")) return join(dirname(dirname(own)), `${name}.ts`);
  // A build is cut into chunks, which may lie deeper than the files they were made of.
  for (let folder = dirname(own); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, `${name}.js`);
    if (existsSync(path)) return path;
  }
  throw new Error(`the build lacks ${name}`);
}
