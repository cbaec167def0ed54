/** Which pipelines a command was asked for: by name, by path, or all; each once, in the order asked. */
import { basename } from "node:path";
import { HimsError } from "../platform/errors.ts";
import type { Environment } from "../platform/secret-references.ts";
import type { Workspace } from "../platform/workspace.ts";
import { findPipelineFile, loadPipeline, pipelineFiles } from "./pipeline-list.ts";
import type { Requested } from "./run-pipelines.ts";

export interface PipelineRequest {
  readonly names: readonly string[];
  readonly all: boolean;
}

/**
 * A file with mistakes is part of the answer, so that the other pipelines run all the same.
 * @throws HimsError (usage) for a name that no pipeline has, and for two files that call themselves alike
 */
export function requestedPipelines(
  request: PipelineRequest,
  workspace: Workspace,
  environment: Environment,
): readonly Requested[] {
  const named = request.names.map((name) => findPipelineFile(name, workspace));
  const paths = new Set(request.all ? [...named, ...pipelineFiles(workspace)] : named);
  const requested = [...paths].map((path) => load(path, workspace, environment));
  refuseNamesakes(requested);
  return requested;
}

function load(path: string, workspace: Workspace, environment: Environment): Requested {
  try {
    const file = loadPipeline(path, workspace, environment);
    return { name: file.name, file };
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    return { name: basename(path).replace(/\.ya?ml$/, ""), error };
  }
}

/** The ledger and the quarantine know a pipeline by its name. */
function refuseNamesakes(requested: readonly Requested[]): void {
  const paths = new Map<string, string>();
  for (const pipeline of requested) {
    if ("error" in pipeline) continue;
    const other = paths.get(pipeline.name);
    paths.set(pipeline.name, pipeline.file.path);
    if (other === undefined) continue;
    throw new HimsError("HIMS_PIPELINE_NAMESAKE", {
      kind: "usage",
      message: `two pipeline files have the name ${pipeline.name}: this one and ${basename(other)}`,
      hint: "Give each pipeline file its own `name:`.",
      at: { file: pipeline.file.path },
    });
  }
}
