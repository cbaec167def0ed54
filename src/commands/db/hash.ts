import type { StoreHash } from "../../store/store-hash.ts";
import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

export default class DbHash extends HimsCommand<StoreHash> {
  static override summary = "One hash of all the store knows, to compare two stores.";
  static override description =
    "Equal when records, events, their versions, open quarantine, persons, golden values, decisions and cards are; ids and times that were generated do not count.";

  async run(): Promise<StoreHash> {
    await this.parse(DbHash);
    const { Database } = await import("../../store/database.ts");
    const { hashStore } = await import("../../store/store-hash.ts");
    await using database = await Database.open(await this.storeLocation());
    return await hashStore(database);
  }

  protected render({ hash, parts }: StoreHash): string {
    return `${hash}\n${textTable([["part", "hash"], ...Object.entries(parts)])}`;
  }
}
