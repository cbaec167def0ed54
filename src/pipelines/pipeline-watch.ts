/** The scheduled pipelines of a workspace, read again when a file of theirs has changed. */
import { statSync } from "node:fs";
import { HimsError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { Environment } from "../platform/secret-references.ts";
import type { Workspace } from "../platform/workspace.ts";
import { pipelineFiles } from "./pipeline-list.ts";
import { requestedPipelines } from "./requested-pipelines.ts";
import type { Requested } from "./run-pipelines.ts";
import { isScheduled, type Scheduled } from "./schedule-plan.ts";

export class PipelineWatch {
  private readonly workspace: Workspace;
  private readonly environment: Environment;
  private readonly logger: Logger;
  private signature: string | null = null;
  private pipelines: readonly Scheduled[] = [];

  constructor(workspace: Workspace, environment: Environment, logger: Logger) {
    this.workspace = workspace;
    this.environment = environment;
    this.logger = logger;
  }

  /** A file with mistakes is left out and told once for each change; its pipeline goes on when it is mended. */
  current(): readonly Scheduled[] {
    const signature = this.look();
    if (signature === this.signature) return this.pipelines;
    const isFirst = this.signature === null;
    this.signature = signature;
    this.pipelines = this.load().flatMap((requested) => {
      if ("file" in requested) return isScheduled(requested.file) ? [requested.file] : [];
      const { code, at } = requested.error;
      this.logger.error(
        { pipeline: requested.name, code, line: at?.line ?? 0 },
        "pipeline file not usable",
      );
      return [];
    });
    if (!isFirst) this.logger.info({ scheduled: this.pipelines.length }, "pipeline files reloaded");
    return this.pipelines;
  }

  private load(): readonly Requested[] {
    try {
      return requestedPipelines({ names: [], all: true }, this.workspace, this.environment);
    } catch (error) {
      if (!(error instanceof HimsError)) throw error;
      // Two files with one name: which of them is meant, nobody knows.
      this.logger.error({ code: error.code }, "pipeline files not usable");
      return [];
    }
  }

  private look(): string {
    const marks = pipelineFiles(this.workspace).map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return `${path}\0${found?.mtimeMs}\0${found?.size}`;
    });
    return marks.join("\n");
  }
}
