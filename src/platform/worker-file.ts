/** Where a worker thread's file lies, whether HIMS runs from src/ or from a build (where code moves between files). */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The file to give to `new Worker(...)`.
 * @param name room and file without ending, such as `pipelines/score-worker`; its file must end in `-worker.ts`
 */
export function workerFile(name: `${string}-worker`): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    for (const ending of [".ts", ".js"]) {
      const path = join(folder, `${name}${ending}`);
      if (existsSync(path)) return path;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`worker ${name} not found`);
    folder = parent;
  }
}
