import { HimsCommand } from "../base-command.ts";

interface MigrateResult {
  /** Names of the migration files applied now. */
  readonly applied: readonly string[];
}

export default class DbMigrate extends HimsCommand<MigrateResult> {
  static override summary = "Bring the database to this version of HIMS.";
  static override description =
    "Forward only. The embedded database is migrated by itself; a server at DATABASE_URL only by this command and `hims init`.";

  async run(): Promise<MigrateResult> {
    await this.parse(DbMigrate);
    const { migrateStore } = await import("../../store/database.ts");
    return { applied: await migrateStore(await this.storeLocation()) };
  }

  protected render({ applied }: MigrateResult): string {
    return applied.length === 0 ? "nothing to migrate" : `applied: ${applied.join(", ")}`;
  }
}
