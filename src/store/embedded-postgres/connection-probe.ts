/** Asks a socket whether our server answers there. This is the first step of every command, so it is one connection. */
import { Client, DatabaseError } from "pg";

export const socketPort = 5432;
export const databaseName = "hims";
export const ownerRole = "hims_owner";

export type ServerAnswer =
  | { readonly state: "ready"; readonly version: string }
  /** It is there but does not take us now: starting, stopping, recovering, all connections taken. */
  | { readonly state: "busy" }
  | { readonly state: "absent" }
  /** The server or the file system does not let this user in. */
  | { readonly state: "refused"; readonly cause: unknown };

const timeoutMs = 5_000;

/** One connection, one question; at most some five seconds when the server hangs. */
export async function askServer(socketDirectory: string): Promise<ServerAnswer> {
  const client = new Client({
    host: socketDirectory,
    port: socketPort,
    user: ownerRole,
    database: databaseName,
    ssl: false,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  // A connection that breaks while idle is reported here and again by the next query; the query's error is the one we read.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const result = await client.query<{ server_version: string }>("show server_version");
    const version = result.rows[0]?.server_version.split(" ")[0];
    return version === undefined ? { state: "busy" } : { state: "ready", version };
  } catch (error) {
    return answerOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function answerOf(error: unknown): ServerAnswer {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof DatabaseError) {
    // 57P01-57P03: shutting down, crashed, starting; 53300: too many connections.
    const passing = code === "57P01" || code === "57P02" || code === "57P03" || code === "53300";
    return passing ? { state: "busy" } : { state: "refused", cause: error };
  }
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR")
    return { state: "absent" };
  if (code === "EACCES" || code === "EPERM") return { state: "refused", cause: error };
  // EAGAIN (its queue is full), a timeout, a connection closed in the middle.
  return { state: "busy" };
}
