import type { StoreServer } from "../../store/store-status.ts";
import { HimsCommand } from "../base-command.ts";
import { refuseForeignServer } from "./foreign-server.ts";

export default class DbStart extends HimsCommand<StoreServer> {
  static override summary = "Start the workspace's own PostgreSQL.";
  static override description =
    "Every command that needs it does this by itself. Makes and migrates the database where it is missing.";

  async run(): Promise<StoreServer> {
    await this.parse(DbStart);
    const location = await this.storeLocation();
    refuseForeignServer(location);
    const { migrateStore } = await import("../../store/database.ts");
    const { readStoreServer } = await import("../../store/store-status.ts");
    await migrateStore(location);
    return readStoreServer(location);
  }

  protected render({ version, url }: StoreServer): string {
    return `running: PostgreSQL ${version ?? ""}\n${url ?? ""}`;
  }
}
