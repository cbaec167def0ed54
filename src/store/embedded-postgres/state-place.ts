/**
 * Where a workspace keeps its cluster (its "home") and its socket. Normally both lie in `.hims/postgres`; what cannot lie
 * there lies outside, and `.hims/where` names it, so that every later process finds the same place.
 */
import { createHash, randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HimsError } from "../../platform/errors.ts";
import { foreignWorkspace, isTrustForced } from "../../platform/workspace-trust.ts";
import { canEnter } from "./child-process.ts";
import { lookAt, makeFolder, type Owner, readText, replaceFile } from "./folders.ts";
import {
  type Account,
  type AccountGroup,
  accountOf,
  currentUid,
  groupNamed,
  groupNumbered,
  serverAccount,
} from "./service-account.ts";

/** The directory carries the major version: a later major needs an export and an import. */
const dataFolderName = "pg18";
const socketPathLimitBytes = 107;

export interface Place {
  /** The workspace's `.hims`, with symlinks resolved. */
  readonly stateRoot: string;
  /** Holds the data directory, settings, logs, ballast; belongs to the keeper of the workspace. */
  readonly home: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
}

export interface Tenants {
  /** Owner of the workspace. */
  readonly keeper: Account;
  /** Runs the server, owns the data directory. */
  readonly server: Account;
  /** Whose members may connect, from `hims init --group`. */
  readonly group: AccountGroup | null;
}

interface Where {
  readonly workspace: string;
  readonly home: string;
  readonly socketDirectory: string;
}

/** The place of a workspace as it is now; null when it has none yet. Two or three file look-ups, no change. */
export function findPlace(stateRoot: string): Place | null {
  if (lookAt(stateRoot) === null) return null;
  const root = realpathSync(stateRoot);
  const where = readWhere(root);
  const home = where?.home ?? innerHome(root);
  if (lookAt(home) === null) return null;
  const socketDirectory = where?.workspace === root ? where.socketDirectory : join(home, "run");
  return placeOf(root, home, socketDirectory);
}

/** Makes the state folder and the home where they are missing, for the user who may. */
export async function makePlace(stateRoot: string, groupName: string | null): Promise<Place> {
  if (lookAt(stateRoot) === null) makeFolder(stateRoot, 0o700, callingOwner());
  const root = realpathSync(stateRoot);
  const tenants = tenantsOf(root, groupName);
  const { keeper, server, group } = tenants;
  if (currentUid() !== 0 && currentUid() !== keeper.uid) throw ownersWork(keeper);
  // What root makes and gives away here, the owner of the folder directs.
  if (currentUid() === 0 && keeper.uid !== 0 && !isTrustForced()) throw foreignWorkspace(root);
  if (keeper.uid === currentUid()) makeFolder(root, rootMode(tenants), ownerOf(keeper, group));
  const home = readWhere(root)?.home ?? (await chooseHome(root, server));
  makeFolder(
    home,
    keeper.uid === 0 ? 0o711 : group === null ? 0o700 : 0o710,
    ownerOf(keeper, group),
  );
  const fresh = placeOf(root, home, join(home, "run"));
  if (home !== innerHome(root) && findPlace(root) === null) noteWhere(fresh, tenants);
  return findPlace(root) ?? fresh;
}

/** Who keeps the workspace and who runs its server; the owner of an existing data directory stays its server. */
export function tenantsOf(stateRoot: string, groupName: string | null): Tenants {
  const root = lookAt(stateRoot);
  const keeper = root === null ? accountOf(currentUid(), 0) : accountOf(root.uid, root.gid);
  const place = findPlace(stateRoot);
  const data = place === null ? null : lookAt(place.dataDirectory);
  const server = data === null ? serverAccount(keeper) : accountOf(data.uid, data.gid);
  if (groupName !== null) return { keeper, server, group: groupNamed(groupName) };
  // `hims init --group` leaves the folder 2770: later calls need not name the group again.
  const shared = root !== null && (root.mode & 0o2070) === 0o2070;
  return { keeper, server, group: shared ? groupNumbered(root.gid) : null };
}

/** Makes the socket folder, private to the server (and its group), and notes it in `where` when it lies outside. */
export function makeSocketFolder(place: Place, tenants: Tenants): Place {
  const inner = join(place.home, "run");
  const { server, group } = tenants;
  const mode = group === null ? 0o700 : 0o710;
  let socketDirectory = inner;
  if (!fitsSocket(inner)) {
    const usable = outerSocketFolders(place).find((folder) => isFree(folder, server));
    if (usable === undefined) throw noPlace("no folder for the database socket could be made");
    socketDirectory = usable;
  }
  makeFolder(socketDirectory, mode, ownerOf(server, group));
  const settled = placeOf(place.stateRoot, place.home, socketDirectory);
  if (socketDirectory !== inner || place.home !== innerHome(place.stateRoot))
    noteWhere(settled, tenants);
  return settled;
}

/**
 * Whether the socket folder is the server's own. One in the temp directory may have been deleted and made again by
 * another user, who would then be handed the data.
 */
export function socketFolderIsOurs(place: Place): boolean {
  const folder = lookAt(place.socketDirectory);
  const data = lookAt(place.dataDirectory);
  if (folder === null || data === null) return false;
  return folder.isDirectory() && folder.uid === data.uid && (folder.mode & 0o022) === 0;
}

function placeOf(stateRoot: string, home: string, socketDirectory: string): Place {
  return { stateRoot, home, socketDirectory, dataDirectory: join(home, dataFolderName) };
}

function innerHome(root: string): string {
  return join(root, "postgres");
}

function callingOwner(): Owner {
  return { uid: currentUid(), gid: process.getgid?.() ?? 0 };
}

function ownerOf(account: Account, group: AccountGroup | null): Owner {
  return { uid: account.uid, gid: group?.gid ?? account.gid };
}

function rootMode({ keeper, group }: Tenants): number {
  if (group !== null) return 0o2770;
  return keeper.uid === 0 ? 0o711 : 0o700;
}

/** Inside the workspace, or outside where the server's account cannot come in. */
async function chooseHome(root: string, server: Account): Promise<string> {
  if (await canEnter(server, root)) return innerHome(root);
  const owner = callingOwner();
  for (const shelter of shelters()) {
    if (!isWritable(dirname(shelter))) continue;
    if (lookAt(shelter) === null) makeFolder(shelter, 0o711, owner);
    if (lookAt(shelter)?.uid === owner.uid && (await canEnter(server, shelter))) {
      return join(shelter, nameOf(root));
    }
  }
  throw noPlace(
    "the account that runs PostgreSQL can enter neither the workspace nor a folder outside it",
  );
}

/** Folders outside that take homes in. */
function shelters(): readonly string[] {
  return ["/var/lib/hims", join(systemTemp(), "hims")];
}

/** The plain name, and one nobody can guess for when somebody else has taken it: `where` tells which. */
function outerSocketFolders(place: Place): readonly string[] {
  const plain = join(systemTemp(), `hims-${nameOf(place.stateRoot)}`);
  return [plain, `${plain}-${randomBytes(4).toString("hex")}`];
}

/** Nothing there, or a private folder of the server (or of root, who was interrupted before giving it away). */
function isFree(folder: string, server: Account): boolean {
  const stats = lookAt(folder);
  if (stats === null) return fitsSocket(folder);
  const ours = stats.uid === server.uid || (currentUid() === 0 && stats.uid === 0);
  return stats.isDirectory() && ours && (stats.mode & 0o022) === 0;
}

function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(join(folder, ".s.PGSQL.5432")) <= socketPathLimitBytes;
}

/** /tmp rather than TMPDIR where there is a choice: a cron job and a shell must find the same folder. */
function systemTemp(): string {
  return isWritable("/tmp") ? "/tmp" : tmpdir();
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false; // the answer, not a failure
  }
}

function nameOf(root: string): string {
  return createHash("sha256").update(root).digest("hex").slice(0, 16);
}

function noteWhere(place: Place, { keeper, group }: Tenants): void {
  const { stateRoot, home, socketDirectory } = place;
  const where: Where = { workspace: stateRoot, home, socketDirectory };
  const path = join(stateRoot, "where");
  replaceFile(path, `${JSON.stringify(where, null, 2)}\n`, 0o644, ownerOf(keeper, group));
}

/** What `where` says; null when there is none, or when it came along in a copy of another workspace that still exists. */
function readWhere(root: string): Where | null {
  const text = readText(join(root, "where"));
  if (text === null) return null;
  const where = parseWhere(text);
  if (where === null) throw noPlace(`${join(root, "where")} is damaged`);
  if (where.workspace !== root && existsSync(join(where.workspace, "where"))) return null;
  // A home inside moves with its workspace.
  const inside = where.home === innerHome(where.workspace);
  const home = inside ? innerHome(root) : where.home;
  const homes = shelters().map((shelter) => join(shelter, nameOf(where.workspace)));
  // Root makes this folder and gives it away: it lies where HIMS itself would have put it, or nowhere.
  if (currentUid() === 0 && !inside && !homes.includes(home)) {
    throw noPlace(`${join(root, "where")} names a folder that HIMS did not choose`);
  }
  const stats = lookAt(home);
  if (stats !== null && stats.uid !== lookAt(root)?.uid) {
    throw noPlace(`${home} does not belong to the owner of this workspace`);
  }
  return { ...where, home };
}

function parseWhere(text: string): Where | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { workspace, home, socketDirectory } = value as Record<string, unknown>;
    if (typeof workspace !== "string" || typeof home !== "string") return null;
    return typeof socketDirectory === "string" ? { workspace, home, socketDirectory } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function noPlace(message: string): HimsError {
  return new HimsError("HIMS_EMBEDDED_PLACE", {
    kind: "unreachable",
    message,
    hint: "Move the workspace to a folder that other accounts may enter (mode 0711), or set DATABASE_URL.",
  });
}

function ownersWork(keeper: Account): HimsError {
  const owner = keeper.name ?? `uid ${keeper.uid}`;
  return new HimsError("HIMS_EMBEDDED_ACCESS", {
    kind: "unreachable",
    message:
      "the embedded database is not running and only the owner of the workspace can start it",
    hint: `Ask ${owner} (or root) to run \`hims db status\` or any other command in this workspace.`,
  });
}
