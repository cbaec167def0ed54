/** Rows of somebody else's PostgreSQL, read only: a hospital's own database as a source (docs/how-to/get-files.md). */
import pg from "pg";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";

export interface SourceQuery {
  readonly url: string;
  /** One SELECT, in which `$1` stands for the watermark if there is one. */
  readonly text: string;
  /** The column that grows, and the value from which to read; null: the whole result each time. */
  readonly watermark: { readonly column: string; readonly value: string } | null;
  /** IANA name: times with a zone are given in this one, with their offset. */
  readonly timeZone: string;
}

/** Some rows of the result; every value as PostgreSQL writes it, null for SQL's null. */
export interface QueryPage {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const pageRows = 5_000;
const connectTimeoutMs = 10_000;

/** Every value as text: what a hospital wrote is not read through our types. */
const asText = { getTypeParser: () => (text: string) => text } as unknown as typeof pg.types;

/**
 * The result in pages, ordered by the watermark's column, from one snapshot. The first page may be empty and always comes.
 * The connection can write nothing: the transaction is read only, and a cursor takes nothing but one SELECT.
 * @throws HimsError HIMS_QUERY_UNREACHABLE (exit 4), HIMS_QUERY_REFUSED (exit 2), with SQLSTATE and no text of the server
 */
export async function* readQuery(
  query: SourceQuery,
  signal: AbortSignal,
): AsyncGenerator<QueryPage> {
  const client = await connect(query);
  const stop = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.query("begin transaction isolation level repeatable read, read only");
    await client.query(cursorOf(query));
    for (;;) {
      signal.throwIfAborted();
      const page = await client.query<(string | null)[]>({
        text: `fetch ${pageRows} from hims_source`,
        rowMode: "array",
      });
      yield { columns: page.fields.map(({ name }) => name), rows: page.rows };
      if (page.rows.length < pageRows) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HimsError ? error : failureOf(error);
  } finally {
    signal.removeEventListener("abort", stop);
    // Nothing was changed there: how the connection ends does not matter.
    await client.end().catch(() => undefined);
  }
}

async function connect({ url, timeZone }: SourceQuery): Promise<pg.Client> {
  try {
    const client = new pg.Client({
      connectionString: url,
      types: asText,
      application_name: "hims source",
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    client.on("error", () => undefined);
    await client.connect();
    await client.query("set default_transaction_read_only = on");
    await client.query(
      "select set_config('timezone', $1, false), set_config('datestyle', 'ISO', false)",
      [timeZone],
    );
    return client;
  } catch (error) {
    throw unreachableSource(error);
  }
}

/** The extended protocol takes one statement: nothing can be put behind the SELECT. Rows without a watermark come first. */
function cursorOf({ text, watermark }: SourceQuery): pg.QueryConfig & { queryMode: "extended" } {
  const select = text.trim().replace(/;$/, "");
  const order =
    watermark === null ? "" : ` order by ${pg.escapeIdentifier(watermark.column)} nulls first`;
  return {
    text: `declare hims_source no scroll cursor for select * from (${select}\n) as source_rows${order}`,
    values: watermark === null ? [] : [watermark.value],
    queryMode: "extended",
  };
}

/** The server's own text may quote a row. */
function failureOf(error: unknown): HimsError {
  const code = codeOf(error);
  // Not a SQLSTATE, or one of a connection or a server that goes: what an operator mends elsewhere.
  if (!/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57|28|3D)/.test(code))
    return unreachableSource(error);
  return new HimsError("HIMS_QUERY_REFUSED", {
    kind: "usage",
    message: `the source's database refuses the query (SQLSTATE ${code})`,
    hint: "Try `source.sql.query` in psql. It must be one SELECT that changes nothing, and its result must have the watermark's column.",
    cause: error,
  });
}

function unreachableSource(error: unknown): HimsError {
  return new HimsError("HIMS_QUERY_UNREACHABLE", {
    kind: "unreachable",
    message: `the source's database cannot be reached (${codeOf(error)})`,
    hint: "Check `source.sql.url` of the pipeline file and that the server lets this user in. Nothing was loaded.",
    cause: error,
  });
}
