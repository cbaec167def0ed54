/** Migrations on a real server: applied once, by one of many, and never another than was applied before. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import { clientConfig, type StoreAddress } from "../../src/store/database.ts";
import { listMigrations, migrate, readMigrationState } from "../../src/store/migrations.ts";
import { withDatabase } from "../support/database.ts";

async function asOwner<T>(
  address: StoreAddress,
  work: (owner: pg.Client) => Promise<T>,
): Promise<T> {
  const owner = new pg.Client(clientConfig(address, "owner"));
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

/** A database without any of our tables. */
async function anEmptyDatabase(): Promise<StoreAddress> {
  const { address } = await withDatabase();
  await asOwner(address, (owner) =>
    owner.query("drop owned by hims_writer; drop schema public cascade; create schema public"),
  );
  return address;
}

describe("migrations", () => {
  test("that are applied already are not applied again", async () => {
    const { address } = await withDatabase();
    expect(await asOwner(address, migrate)).toEqual([]);
  });

  test("are applied once when many processes begin at the same time", async () => {
    const address = await anEmptyDatabase();
    const applied = await Promise.all(Array.from({ length: 5 }, () => asOwner(address, migrate)));
    expect(applied.flat()).toEqual(listMigrations().map(({ name }) => name));
    const { pending } = await asOwner(address, readMigrationState);
    expect(pending).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      "that was changed after it was applied is refused",
      "update schema_migration set sha256 = 'another' where version = 1",
      "HIMS_MIGRATION_CHANGED",
    ],
    [
      "of a newer program is refused",
      "insert into schema_migration values (9999, '9999_later.sql', 'x', now())",
      "HIMS_DATABASE_NEWER",
    ],
  ])("one %s", async (_, change, code) => {
    const { address } = await withDatabase();
    await asOwner(address, (owner) => owner.query(change));
    await expect(asOwner(address, migrate)).rejects.toMatchObject({ code });
    await expect(asOwner(address, readMigrationState)).rejects.toMatchObject({ code });
  });

  test("that fail leave nothing of themselves", async () => {
    const address = await anEmptyDatabase();
    await asOwner(address, async (owner) => {
      await owner.query("create table card_key (in_the_way int)");
      await expect(migrate(owner)).rejects.toThrow();
      const { rows } = await owner.query(
        "select count(*)::int as number from pg_tables where schemaname = 'public' and tablename = 'facility'",
      );
      expect(rows).toEqual([{ number: 0 }]);
    });
  });

  test("have numbers that follow each other", () => {
    expect(listMigrations().map(({ version }) => version)).toEqual(
      listMigrations().map((_, index) => index + 1),
    );
  });
});
