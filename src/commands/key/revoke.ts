import { string } from "@oclif/core/args";
import type { revokeApiKey } from "../../store/api-keys.ts";
import { HimsCommand } from "../base-command.ts";

type RevokedKey = Awaited<ReturnType<typeof revokeApiKey>>;

export default class KeyRevoke extends HimsCommand<RevokedKey> {
  static override summary = "End an API key at once and for good.";
  static override args = {
    id: string({ description: "Id of the key, as `hims key list` shows it.", required: true }),
  };

  async run(): Promise<RevokedKey> {
    const { args } = await this.parse(KeyRevoke);
    const { Database } = await import("../../store/database.ts");
    const store = await import("../../store/api-keys.ts");
    const { systemClock } = await import("../../platform/clock.ts");
    await using database = await Database.open(await this.storeLocation());
    return await store.revokeApiKey(database.writer, args.id, systemClock.now());
  }

  protected render({ id, revokedAt }: RevokedKey): string {
    return `key ${id} is revoked since ${revokedAt}`;
  }
}
