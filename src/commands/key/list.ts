import { visibleLine } from "../../platform/visible-text.ts";
import type { ApiKeyEntry } from "../../store/api-keys.ts";
import { HimsCommand } from "../base-command.ts";

interface ApiKeyList {
  readonly keys: readonly ApiKeyEntry[];
}

export default class KeyList extends HimsCommand<ApiKeyList> {
  static override summary = "List API keys, the newest first.";

  async run(): Promise<ApiKeyList> {
    await this.parse(KeyList);
    const { listApiKeys } = await import("../../store/api-keys.ts");
    await using pool = await this.openReader();
    return { keys: await listApiKeys(pool.reader) };
  }

  protected render({ keys }: ApiKeyList): string {
    if (keys.length === 0) return "no keys";
    return keys
      .map(({ id, label, scopes, facility, createdAt, revokedAt }) =>
        [
          id,
          revokedAt === null ? "active " : "revoked",
          createdAt,
          `${scopes.join(",")}${facility === null ? "" : ` (${facility})`}`,
          visibleLine(label),
        ].join("  "),
      )
      .join("\n");
  }
}
