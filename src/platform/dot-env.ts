/** The workspace's `.env`: what is set outside wins over it, and it wins over hims.yaml. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Workspace } from "./workspace.ts";

/** Empty where there is no `.env`. */
export function readDotEnv(workspace: Workspace): Readonly<Record<string, string>> {
  const path = join(workspace.root, ".env");
  return existsSync(path) ? (parseEnv(readFileSync(path, "utf8")) as Record<string, string>) : {};
}
