/** Column names as the typed schema has them: lists of columns in SQL text are checked by the compiler, at no cost at run time. */
import type { Table } from "drizzle-orm";

/** The column names of a table of `schema/`, as the database spells them. */
export type ColumnNameOf<T extends Table> = T["_"]["columns"][keyof T["_"]["columns"]]["_"]["name"];
