/** The server's configuration. It lies in the home, not in the data directory, and is written again at each start. */
import { lstatSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { HimsError } from "../../platform/errors.ts";
import { ownerRole, socketPort } from "./connection-probe.ts";
import { makeFolder, replaceFile } from "./folders.ts";
import { accountOf, currentUid } from "./service-account.ts";
import type { Place, Tenants } from "./state-place.ts";

export const superRole = "hims_super";
export const writerRole = "hims_writer";
export const readerRole = "hims_reader";

const gibibyte = 1024 ** 3;

export function configPath(place: Place): string {
  return join(place.home, "postgresql.conf");
}

export function logFolder(place: Place): string {
  return join(place.home, "log");
}

/**
 * Writes postgresql.conf, pg_hba.conf, pg_ident.conf; answers whether anything changed.
 * @throws HimsError HIMS_EMBEDDED_ACCOUNT for a group where the server's user has no name to tell its members by
 */
export function writeSettings(place: Place, tenants: Tenants): boolean {
  const { keeper, server, group } = tenants;
  if (server.name === null && group !== null) throw namelessWithGroup(server.uid);
  makeFolder(logFolder(place), 0o700, server);
  const owner = { uid: keeper.uid, gid: group?.gid ?? keeper.gid };
  const mode = keeper.uid === server.uid ? 0o600 : 0o644;
  const files = [
    ["postgresql.conf", serverConfig(place, tenants)],
    ["pg_hba.conf", hostAccess(tenants)],
    ["pg_ident.conf", identityMap(tenants)],
  ] as const;
  const changes = files.map(([name, text]) =>
    replaceFile(join(place.home, name), text, mode, owner),
  );
  return changes.includes(true);
}

function serverConfig(place: Place, { group }: Tenants): string {
  const settings: readonly (readonly [string, string])[] = [
    ["listen_addresses", ""],
    ["port", String(socketPort)],
    ["unix_socket_directories", `"${place.socketDirectory.replaceAll('"', '""')}"`],
    // The folder keeps others out; in a shared workspace its group comes in.
    ["unix_socket_permissions", group === null ? "0700" : "0777"],
    ["hba_file", join(place.home, "pg_hba.conf")],
    ["ident_file", join(place.home, "pg_ident.conf")],
    ["max_connections", "200"],
    ["shared_buffers", smallMachine() ? "128MB" : "256MB"],
    ["dynamic_shared_memory_type", scarceSharedMemory() ? "mmap" : "posix"],
    ["maintenance_work_mem", "128MB"],
    ["work_mem", "16MB"],
    ["max_wal_size", "2GB"],
    ["fsync", "on"],
    ["full_page_writes", "on"],
    ["synchronous_commit", "on"],
    ["jit", "off"],
    // A killed client's running query ends, and its advisory locks with it.
    ["client_connection_check_interval", "1s"],
    ["timezone", "UTC"],
    ["log_timezone", "UTC"],
    ["lc_messages", "C"],
    ["logging_collector", "on"],
    ["log_directory", logFolder(place)],
    ["log_file_mode", "0600"],
    // One file per weekday, each emptied when its day comes again: seven files.
    ["log_filename", "postgresql-%a.log"],
    ["log_truncate_on_rotation", "on"],
    ["log_rotation_age", "1d"],
    ["log_rotation_size", "0"],
    ["log_line_prefix", "%m [%p] %e "],
    // No patient in a log: `log` passes lifecycle, FATAL and PANIC but no ERROR, whose message may quote a value even when terse.
    ["log_min_messages", "log"],
    ["log_min_error_statement", "panic"],
    ["log_error_verbosity", "terse"],
    ["log_parameter_max_length", "0"],
    ["log_parameter_max_length_on_error", "0"],
    ["log_statement", "none"],
    ["log_min_duration_statement", "-1"],
  ];
  const lines = settings.map(([name, value]) => `${name} = ${quoted(value)}`);
  return `# Written by hims at each start; changes here are lost.\n${lines.join("\n")}\n`;
}

/** Without peer authentication every member of the group, and who else reaches the socket, would be the superuser. */
function namelessWithGroup(uid: number): HimsError {
  return new HimsError("HIMS_EMBEDDED_ACCOUNT", {
    kind: "usage",
    message: `the embedded database cannot be opened to a group by a user without a name (uid ${uid})`,
    hint: `Add a passwd line for uid ${uid}, run without --group, or set DATABASE_URL to another PostgreSQL.`,
  });
}

/** Peer authentication on the socket, nothing else. */
function hostAccess({ server }: Tenants): string {
  const roles = [superRole, ownerRole, writerRole, readerRole].join(",");
  // Peer authentication looks the caller up in passwd. A server whose own uid is not there relies on its 0700 socket folder.
  const method = server.name === null ? "trust" : "peer map=hims";
  return `# Written by hims at each start.\nlocal all ${roles} ${method}\n`;
}

/** Which operating system user may be which role; members of the workspace's group may not be the superuser. */
function identityMap({ keeper, server, group }: Tenants): string {
  const caller = currentUid();
  const masters = new Set(["root", keeper.name, server.name, accountOf(caller, 0).name]);
  const lines: string[] = [];
  for (const name of masters) {
    if (name === null) continue;
    for (const role of [superRole, ownerRole, writerRole, readerRole])
      lines.push(mapLine(name, role));
  }
  for (const name of group?.members ?? []) {
    if (masters.has(name)) continue;
    for (const role of [ownerRole, writerRole, readerRole]) lines.push(mapLine(name, role));
  }
  return `# Written by hims at each start.\n${lines.join("\n")}\n`;
}

function mapLine(user: string, role: string): string {
  return `hims "${user.replaceAll('"', '""')}" ${role}`;
}

function quoted(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n");
  return `'${escaped}'`;
}

/** A container's limit counts, not the machine behind it. */
function smallMachine(): boolean {
  const limit = process.constrainedMemory();
  return Math.min(totalmem(), limit > 0 ? limit : totalmem()) < 2 * gibibyte;
}

/** Containers give 64 MB of /dev/shm, in which a parallel hash join fails. */
function scarceSharedMemory(): boolean {
  try {
    lstatSync("/dev/shm");
  } catch {
    return true; // not mounted at all
  }
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize < gibibyte;
}
