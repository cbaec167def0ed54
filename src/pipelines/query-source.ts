/** An SQL query as a source: its rows become a CSV file of this run, which is read like any other. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { type QueryPage, readQuery } from "../store/source-query.ts";
import { findWatermark, saveWatermark } from "../store/source-watermarks.ts";
import type { CollectContext, CollectOptions, SourceCollection } from "./collected-files.ts";
import { newRunId } from "./run-context.ts";
import { type QuerySource, watermarkPlace } from "./source-schema.ts";

/** As much of a pipeline as a query needs. */
interface QueryPipeline {
  readonly name: string;
  readonly path: string;
  readonly sql: QuerySource;
}

/** @throws HimsError HIMS_QUERY_* */
export async function collectQuery(
  pipeline: QueryPipeline,
  options: CollectOptions,
  context: CollectContext,
): Promise<SourceCollection> {
  const { sql, name } = pipeline;
  const folder = join(context.workspace.filesFolder, "sql", name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await clear(folder);
  const from = options.full ? null : await findWatermark(context.database.writer, name);
  const path = join(folder, `${name}-${newRunId(context.clock).slice(0, 15)}.csv`);
  const written = await writeRows(path, pagesOf(pipeline, from, context), sql.watermark ?? null);
  const files = written.rows === 0 ? [] : [await fileAt(path, context)];
  return {
    files,
    known: [],
    warnings: {
      ...(written.rows === 0 ? { no_row_found: 1 } : {}),
      ...(missesTies(sql.query) ? { watermark_ties_may_be_missed: 1 } : {}),
    },
    isMadeAnew: true,
    async commit(tx) {
      const { value } = written;
      const run = { pipeline: name, runId: context.runId };
      if (value !== null) await saveWatermark(tx, run, { value, at: context.clock.now() });
    },
    settled: async () => null,
    // The archive has what was committed, and the source what was not.
    [Symbol.asyncDispose]: () => clear(folder),
  };
}

function pagesOf(
  { sql, path }: QueryPipeline,
  from: string | null,
  context: CollectContext,
): AsyncGenerator<QueryPage> {
  const { watermark, start, query, url } = sql;
  if (!/^postgres(?:ql)?:/i.test(url)) {
    throw new HimsError("HIMS_QUERY_URL", {
      kind: "usage",
      message: "`source.sql.url` is no postgresql:// URL",
      hint: "Only PostgreSQL can be queried; from another database, export a file.",
      at: { file: path },
    });
  }
  return readQuery(
    {
      url,
      text: query.replace(new RegExp(watermarkPlace, "g"), () => "$1"),
      watermark: watermark === undefined ? null : { column: watermark, value: from ?? start ?? "" },
      timeZone: context.facility.timeZone,
    },
    context.signal,
  );
}

/** `>` passes over rows that were committed late with the very value of the last one. */
function missesTies(query: string): boolean {
  return /[^<>=]>\s*:watermark\b/.test(query);
}

interface WrittenRows {
  readonly rows: number;
  /** The greatest watermark among them; null when there is none. */
  readonly value: string | null;
}

async function writeRows(
  path: string,
  pages: AsyncGenerator<QueryPage>,
  watermark: string | null,
): Promise<WrittenRows> {
  const stream = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const isWritten = finished(stream);
  isWritten.catch(() => undefined);
  let rows = 0;
  let value: string | null = null;
  let isFirst = true;
  for await (const page of pages) {
    const lines = isFirst ? [page.columns, ...page.rows] : page.rows;
    isFirst = false;
    rows += page.rows.length;
    const place = watermark === null ? -1 : page.columns.indexOf(watermark);
    value = page.rows.at(-1)?.[place] ?? value;
    const hasRoom = stream.write(lines.map(csvLine).join(""));
    if (!hasRoom) await Promise.race([isWritten, once(stream, "drain")]);
  }
  stream.end();
  await isWritten;
  return { rows, value };
}

/** RFC 4180: quoted where it must be. An empty text and SQL's null are both no value to us. */
function csvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => csvValue(value ?? "")).join(",")}\r\n`;
}

function csvValue(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function fileAt(path: string, context: CollectContext): Promise<SourceFile> {
  const { size } = await stat(path);
  return {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    bytes: size,
    modifiedAt: context.clock.now(),
  };
}

/** A run of this pipeline works at a time: what lies here is of one that was killed. */
async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
}
