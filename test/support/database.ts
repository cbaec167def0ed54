/** A fresh, migrated database for one test, copied from the template and dropped after. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { Database, type Reader, type StoreAddress } from "../../src/store/database.ts";

export interface TestDatabase {
  readonly address: StoreAddress;
  readonly database: Database;
  readonly reader: Reader;
}

/** Opens a database of the test's own; it is gone when the test has finished. */
export async function withDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const socketDirectory = inject("socketDirectory");
  await administrate(socketDirectory, `create database ${name} template hims owner hims_owner`);
  const address = { kind: "embedded", socketDirectory, port: 5432, database: name } as const;
  const database = await Database.connect(address);
  onTestFinished(async () => {
    await database[Symbol.asyncDispose]();
    await administrate(socketDirectory, `drop database ${name} with (force)`);
  });
  return { address, database, reader: database.writer };
}

async function administrate(socketDirectory: string, statement: string): Promise<void> {
  const client = new pg.Client({ host: socketDirectory, user: "hims_super", database: "postgres" });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
