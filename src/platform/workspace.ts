/** A workspace: the folder with hims.yaml, pipelines/ and .hims/ in which commands work. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { HimsError } from "./errors.ts";
import { refuseForeignWorkspace } from "./workspace-trust.ts";

/** Absolute paths. Only `configPath` is known to exist. */
export interface Workspace {
  readonly root: string;
  readonly configPath: string;
  readonly pipelinesFolder: string;
  /** `.hims`: embedded database, keys, files. */
  readonly stateRoot: string;
  readonly keysFolder: string;
  readonly filesFolder: string;
}

export function workspaceAt(root: string): Workspace {
  const absolute = resolve(root);
  const stateRoot = join(absolute, ".hims");
  return {
    root: absolute,
    configPath: join(absolute, "hims.yaml"),
    pipelinesFolder: join(absolute, "pipelines"),
    stateRoot,
    keysFolder: join(stateRoot, "keys"),
    filesFolder: join(stateRoot, "files"),
  };
}

/**
 * The workspace a command works in: the one named by flag or HIMS_WORKSPACE, else the nearest upwards.
 * @param start folder from which to look upwards, usually the current one
 * @param named --workspace or HIMS_WORKSPACE; null when neither is given
 * @throws HimsError HIMS_WORKSPACE_MISSING, HIMS_WORKSPACE_OWNER
 */
export function findWorkspace(start: string, named: string | null): Workspace {
  if (named !== null) {
    const workspace = workspaceAt(resolve(start, named));
    if (existsSync(workspace.configPath)) return trusted(workspace);
    throw missing("the folder given as workspace has no hims.yaml", workspace.root);
  }
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const workspace = workspaceAt(folder);
    if (existsSync(workspace.configPath)) return trusted(workspace);
    if (dirname(folder) === folder) break;
  }
  throw missing("no hims.yaml here or in a folder above", resolve(start));
}

function trusted(workspace: Workspace): Workspace {
  refuseForeignWorkspace(workspace);
  return workspace;
}

function missing(message: string, file: string): HimsError {
  return new HimsError("HIMS_WORKSPACE_MISSING", {
    kind: "usage",
    message,
    hint: "Make a workspace with `hims init`, or name one with --workspace DIR or HIMS_WORKSPACE.",
    at: { file },
  });
}
