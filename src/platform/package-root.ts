/** Where the product itself lies: the folder with its package.json, whether it runs from src/ or bundled from dist/. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let root: string | null = null;

export function packageRoot(): string {
  if (root !== null) return root;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(existsSync(join(folder, "package.json")) && existsSync(join(folder, "migrations")))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package root not found");
    folder = parent;
  }
  root = folder;
  return folder;
}
