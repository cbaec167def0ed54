import { resolve } from "node:path";
import { string as stringArg } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import { HimsCommand } from "./base-command.ts";

/** Absolute paths of what now exists. */
interface InitResult {
  readonly workspace: string;
  readonly config: string;
  readonly pipelines: string;
  readonly keys: string;
}

export default class Init extends HimsCommand<InitResult> {
  static override summary = "Make a workspace: hims.yaml, pipelines/, keys.";
  static override description =
    "Writes nothing outside DIR, and refuses a folder that is a workspace already.";
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
      workspace: workspace.root,
      config: workspace.configPath,
      pipelines: workspace.pipelinesFolder,
      keys: workspace.keysFolder,
    };
  }

  protected render({ workspace }: InitResult): string {
    return `workspace ready: ${workspace}\nnext: hims onboard FILE --facility F --name N`;
  }
}
