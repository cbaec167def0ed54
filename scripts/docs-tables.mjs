// The page of tables, from migrations/*.sql read in order: tables, columns, and the comments that stand before them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./docs-text.mjs";

export function describeTables(root) {
  const folder = join(root, "migrations");
  const tables = new Map();
  for (const name of readdirSync(folder)
    .sort()
    .filter((file) => file.endsWith(".sql")))
    readMigration(readFileSync(join(folder, name), "utf8"), tables);
  return [...tables].map(([name, found]) => describeTable(name, found)).join("\n\n");
}

function describeTable(name, { comment, columns, rules, indexes }) {
  const parts = [`## ${name}`];
  if (comment !== "") parts.push(comment);
  if (columns.length > 0) parts.push(table(["column", "type", "about"], columns));
  if (rules.length > 0) parts.push(rules.map((rule) => `- \`${rule}\``).join("\n"));
  if (indexes.length > 0) parts.push(`Indexes:\n\n${indexes.join("\n")}`);
  return parts.join("\n\n");
}

function readMigration(sql, tables) {
  // Bodies of functions hold statements that are none of ours.
  const text = sql.replace(/\$\$[\s\S]*?\$\$/g, "$$$$");
  for (const statement of text.split(/;\s*\n/)) {
    const { comment, body } = splitComment(statement.trim());
    const made = /^create table (\w+) \(\n([\s\S]*)\n\)$/.exec(body);
    if (made !== null) {
      tables.set(made[1], { comment, indexes: [], ...columnsOf(made[2]) });
      continue;
    }
    readIndex(body, comment, tables);
    readAddedColumns(body, comment, tables);
  }
}

/** Comment lines at the head of a statement: only those right above it, without a blank line between. */
function splitComment(statement) {
  const lines = statement.split("\n");
  const start = lines.findIndex((line) => line !== "" && !line.startsWith("--"));
  const above = lines.slice(0, Math.max(start, 0));
  const near = above.slice(above.lastIndexOf("") + 1);
  return { comment: near.map(uncommented).join(" "), body: lines.slice(start).join("\n") };
}

function uncommented(line) {
  return line.replace(/^\s*--\s?/, "");
}

function readIndex(body, comment, tables) {
  const found = /^create (unique )?index \w+ on (\w+) ([\s\S]*)$/.exec(body);
  if (found === null) return;
  const [, unique = "", name, on] = found;
  const question = comment === "" ? "" : ` ${comment}`;
  tables.get(name)?.indexes.push(`- \`${unique}${on.replace(/\s+/g, " ")}\`${question}`);
}

function readAddedColumns(body, comment, tables) {
  const found = /^alter table (\w+)\s+([\s\S]*)$/.exec(body);
  const known = found === null ? undefined : tables.get(found[1]);
  if (known === undefined) return;
  for (const [, column, type] of found[2].matchAll(/add column (\w+) ([^,]+(?:\([^)]*\))?)/g))
    known.columns.push([`\`${column}\``, type.trim(), comment]);
}

/** Columns and table-wide rules of a `create table`; a definition may run over several lines. */
function columnsOf(body) {
  const columns = [];
  const rules = [];
  let comments = [];
  for (const definition of definitionsOf(body)) {
    if (definition.startsWith("--")) {
      comments.push(uncommented(definition));
      continue;
    }
    const column = /^(\w+) (.*)$/s.exec(definition);
    if (/^(primary key|unique|check|constraint|like) ?/.test(definition)) rules.push(definition);
    else if (column !== null) columns.push([`\`${column[1]}\``, column[2], comments.join(" ")]);
    comments = [];
  }
  return { columns, rules };
}

/** Lines joined until their brackets close. */
function definitionsOf(body) {
  const definitions = [];
  let open = "";
  for (const line of body.split("\n").map((text) => text.trim())) {
    if (line === "") continue;
    if (open === "" && line.startsWith("--")) {
      definitions.push(line);
      continue;
    }
    open = open === "" ? line : `${open} ${line}`;
    if (open.split("(").length !== open.split(")").length) continue;
    definitions.push(open.replace(/,$/, ""));
    open = "";
  }
  return definitions;
}
