import { string } from "@oclif/core/flags";
import type { CreatedApiKey } from "../../store/api-keys.ts";
import { HimsCommand } from "../base-command.ts";

export default class KeyCreate extends HimsCommand<CreatedApiKey> {
  static override summary = "Make an API key; it is shown once.";
  static override description =
    "Scopes: patient.read (FHIR reads and searches), metrics.read (/metrics from other machines), upload (files of one facility into its inbox; with --facility).";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --label lab-viewer",
    "<%= config.bin %> <%= command.id %> --scope upload --facility ddu",
  ];
  static override flags = {
    label: string({ description: "Who will use the key, for lists.", default: "" }),
    scope: string({
      description: "What the key may do; may be repeated.",
      multiple: true,
      default: ["patient.read"],
    }),
    facility: string({ description: "The one facility whose files it sends.", helpValue: "ID" }),
  };

  async run(): Promise<CreatedApiKey> {
    const { flags } = await this.parse(KeyCreate);
    const { Database } = await import("../../store/database.ts");
    const { createApiKey } = await import("../../store/api-keys.ts");
    const { systemClock } = await import("../../platform/clock.ts");
    await using database = await Database.open(await this.storeLocation());
    const wanted = { label: flags.label, scopes: flags.scope, facility: flags.facility ?? null };
    return await createApiKey(database.writer, wanted, systemClock.now());
  }

  protected render({ id, key, scopes }: CreatedApiKey): string {
    return `${key}\nKeep it: it cannot be shown again. Id ${id}, scopes ${scopes.join(", ")}.`;
  }
}
