import type { StoreContent, StoreServer } from "../../store/store-status.ts";
import { HimsCommand } from "../base-command.ts";

/** `migrations` is null when the server cannot be asked. */
interface DbStatusResult extends StoreServer {
  readonly migrations: StoreContent["migrations"] | null;
}

export default class DbStatus extends HimsCommand<DbStatusResult> {
  static override summary = "Whether the database runs, and where.";
  static override description = "Starts nothing. Passwords are masked.";

  async run(): Promise<DbStatusResult> {
    await this.parse(DbStatus);
    const location = await this.storeLocation();
    const { readStoreContent, readStoreServer } = await import("../../store/store-status.ts");
    const server = await readStoreServer(location);
    const content = server.running ? await readStoreContent(location) : null;
    return { ...server, migrations: content?.migrations ?? null };
  }

  protected render({ running, embedded, version, url, migrations }: DbStatusResult): string {
    const kind = embedded ? "embedded" : "DATABASE_URL";
    const lines = [`${running ? "running" : "not running"} (${kind}) ${version ?? ""}`.trimEnd()];
    if (url !== null) lines.push(url);
    if (migrations !== null)
      lines.push(`migrations: ${migrations.applied} applied, ${migrations.pending.length} pending`);
    return lines.join("\n");
  }
}
