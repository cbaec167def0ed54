import { getTableColumns, is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { schema } from "../../src/store/schema.ts";
import { withDatabase } from "../support/database.ts";

interface ColumnShape {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly key: boolean;
}

const typeNames: Readonly<Record<string, string>> = {
  bool: "boolean",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float8: "double precision",
  timestamptz: "timestamp with time zone",
  _text: "text[]",
};

test("the typed schema has the tables, columns, types and keys of the migrated database", async () => {
  const { reader } = await withDatabase();
  const rows = await reader.rows<Omit<ColumnShape, "type"> & { type: string }>(`
    select c.table_name as table, c.column_name as column, c.udt_name as type, c.is_nullable = 'NO' as required,
      exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
              where i.indisprimary and i.indrelid = c.table_name::regclass and a.attname = c.column_name) as key
    from information_schema.columns c join information_schema.tables b using (table_schema, table_name)
    where c.table_schema = 'public' and b.table_type = 'BASE TABLE' and c.table_name <> 'schema_migration'`);

  const migrated = rows.map((row) => ({ ...row, type: typeNames[row.type] ?? row.type }));

  expect(sorted(typedColumns())).toEqual(sorted(migrated));
});

function typedColumns(): readonly ColumnShape[] {
  return Object.values(schema).flatMap((table) => {
    if (!is(table, PgTable)) throw new Error("the schema holds something that is no table");
    const { name, primaryKeys } = getTableConfig(table);
    const keys = primaryKeys.flatMap(({ columns }) => columns.map((column) => column.name));
    return Object.values(getTableColumns(table)).map((column) => ({
      table: name,
      column: column.name,
      type: column.getSQLType(),
      required: column.notNull,
      key: column.primary || keys.includes(column.name),
    }));
  });
}

function sorted(columns: readonly ColumnShape[]): readonly string[] {
  return columns
    .map(({ table, column, type, required, key }) =>
      [table, column, type, required ? "required" : "optional", key ? "key" : ""].join(" "),
    )
    .sort();
}
