/** A pool of the reader's role on a test's database: what doors get. */
import pg from "pg";
import { onTestFinished } from "vitest";
import { clientConfig, type Reader, type StoreAddress } from "../../src/store/database.ts";

export function openReaderRole(address: StoreAddress): Reader {
  const pool = new pg.Pool({ ...clientConfig(address, "reader"), max: 4 });
  pool.on("error", () => undefined);
  onTestFinished(async () => await pool.end());
  return {
    async rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
      return (await pool.query(sql, [...values])).rows as T[];
    },
  };
}

/** One connection of the owner's role: somebody who has the database itself. */
export function openOwnerRole(address: StoreAddress): Reader {
  const pool = new pg.Pool({ ...clientConfig(address, "owner"), max: 1 });
  onTestFinished(async () => await pool.end());
  return {
    async rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
      return (await pool.query(sql, [...values])).rows as T[];
    },
  };
}
