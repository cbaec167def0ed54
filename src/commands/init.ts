import { resolve } from "node:path";
import { string as stringArg } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import { HimsError } from "../platform/errors.ts";
import type { Workspace } from "../platform/workspace.ts";
import { HimsCommand } from "./base-command.ts";

/** Absolute paths of what now exists. */
interface InitResult {
  readonly workspace: string;
  readonly config: string;
  readonly pipelines: string;
  readonly keys: string;
  /** Names of the migrations that were applied; the embedded database is made by the first command that needs it. */
  readonly migrated: readonly string[];
}

export default class Init extends HimsCommand<InitResult> {
  static override summary = "Make a workspace: hims.yaml, pipelines/, keys.";
  static override description =
    "Refuses a folder that is a workspace already. Where DATABASE_URL is set, that database is migrated; else nothing outside DIR is written.";
  static override examples = [
    "<%= config.bin %> init delhi",
    "<%= config.bin %> init /srv/hims --group hims",
  ];
  static override args = {
    dir: stringArg({ description: "Folder of the workspace.", default: "." }),
  };
  static override flags = {
    group: string({ description: "Open the workspace to this OS group.", helpValue: "G" }),
  };

  async run(): Promise<InitResult> {
    const { args, flags } = await this.parse(Init);
    const { createWorkspace } = await import("../platform/workspace-creation.ts");
    const workspace = createWorkspace(resolve(args.dir), flags.group ?? null);
    return {
      migrated: await this.#migrate(workspace),
      workspace: workspace.root,
      config: workspace.configPath,
      pipelines: workspace.pipelinesFolder,
      keys: workspace.keysFolder,
    };
  }

  async #migrate(workspace: Workspace): Promise<readonly string[]> {
    const { loadConfig, readEnvironment } = await import("../platform/config.ts");
    const { database } = loadConfig(workspace, readEnvironment(workspace, process.env));
    if (database.url === null) return [];
    const { migrateStore } = await import("../store/database.ts");
    try {
      return await migrateStore({ stateRoot: workspace.stateRoot, databaseUrl: database.url });
    } catch (error) {
      if (!(error instanceof HimsError)) throw error;
      const { code, kind, message, at } = error;
      const hint = `The workspace is made; go on there with \`hims db migrate\`. ${error.hint}`;
      throw new HimsError(code, {
        kind,
        message,
        hint,
        cause: error,
        ...(at === null ? {} : { at }),
      });
    }
  }

  protected render({ workspace }: InitResult): string {
    return `workspace ready: ${workspace}\nnext: write a pipeline file into pipelines/ (docs/how-to/map-a-csv-export.md), then hims run NAME`;
  }
}
