import { HimsCommand } from "../base-command.ts";
import { refuseForeignServer } from "./foreign-server.ts";

interface StopResult {
  /** False: it was not running. */
  readonly stopped: boolean;
}

export default class DbStop extends HimsCommand<StopResult> {
  static override summary = "Stop the workspace's own PostgreSQL.";
  static override description = "The next command that needs it starts it again.";

  async run(): Promise<StopResult> {
    await this.parse(DbStop);
    const location = await this.storeLocation();
    refuseForeignServer(location);
    const { stopEmbeddedPostgres } = await import("../../store/embedded-postgres.ts");
    return { stopped: await stopEmbeddedPostgres(location) };
  }

  protected render({ stopped }: StopResult): string {
    return stopped ? "stopped" : "it was not running";
  }
}
