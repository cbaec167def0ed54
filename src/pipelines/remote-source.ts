/** Files on an SFTP server: fetched whole into the workspace before they are read, and gone from there once committed. */
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join, posix } from "node:path";
import type { SourceFile } from "../connectors/connector.ts";
import {
  type RemoteEntry,
  type RemoteFile,
  type SftpAddress,
  type SftpCredentials,
  SftpSession,
} from "../connectors/sftp-session.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import { findKnownDelivery } from "../store/source-files.ts";
import { numbered, replacedRule } from "./after-action.ts";
import {
  actionFailed,
  type CollectContext,
  type CollectOptions,
  type KnownSourceFile,
  type Settlement,
  type SourceCollection,
  since,
} from "./collected-files.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { byName, isUnfinishedName } from "./source-listing.ts";
import { counted } from "./source-readiness.ts";

interface RemoteSource {
  readonly address: SftpAddress;
  readonly credentials: SftpCredentials;
  readonly folder: string;
  /** Glob of the names, or the one name; null: every file of the folder. */
  readonly pattern: string | null;
}

/** @throws HimsError HIMS_SFTP_*, HIMS_SOURCE_MISSING (exit 4) */
export async function collectRemote(
  pipeline: PipelineFile,
  options: CollectOptions,
  context: CollectContext,
): Promise<SourceCollection> {
  const named = remoteSourceOf(pipeline);
  const spool = join(context.workspace.filesFolder, "sftp", pipeline.name);
  await mkdir(spool, { recursive: true, mode: 0o700 });
  await using session = await SftpSession.open(named.address, named.credentials, context.signal);
  const source = await placed(named, session);
  const fetching = new Fetching(pipeline, { source, spool }, context);
  const entries = await session.list(source.folder);
  const ready = fetching.readyOf(entries);
  const files: SourceFile[] = [];
  const known: KnownSourceFile[] = [];
  await fetching.removeLeftovers(ready);
  for (const remote of since(ready, options.since)) {
    const before = options.full ? null : await fetching.knownBefore(remote);
    if (before !== null) {
      known.push(before);
      continue;
    }
    const file = await fetching.fetch(session, remote);
    if (file !== null) files.push(file);
  }
  const actions = new RemoteActions(pipeline, { source, spool, ready }, context);
  return {
    files,
    known,
    warnings: fetching.warnings,
    isMadeAnew: false,
    commit: async () => undefined,
    settled: async (file, outcome) =>
      options.dryRun ? null : await actions.settle(file.name, outcome),
    [Symbol.asyncDispose]: () => actions.close(),
  };
}

function remoteSourceOf({ source }: PipelineFile): RemoteSource {
  const url = new URL(source.at);
  const path = decodeURIComponent(url.pathname);
  const last = posix.basename(path);
  const isPattern = /[*?[\]{}]/.test(last);
  const folder = isPattern ? posix.dirname(path) : path.replace(/(?<=.)\/$/, "");
  return {
    address: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? 22 : Number(url.port),
      user: decodeURIComponent(url.username),
    },
    credentials: {
      hostKeys: source.hostKey ?? [],
      privateKey: source.privateKey ?? null,
      passphrase: source.passphrase ?? null,
      password: source.password ?? null,
    },
    folder,
    pattern: isPattern ? last : null,
  };
}

/** A path without a pattern is a folder, or the one file that is read of its folder. */
async function placed(source: RemoteSource, session: SftpSession): Promise<RemoteSource> {
  if (source.pattern !== null) return source;
  const found = await session.look(source.folder);
  if (found?.kind !== "file") return source;
  const { dir, base } = posix.parse(source.folder);
  return { ...source, folder: dir, pattern: base };
}

/** Finding out what is there and complete, and bringing it here. */
class Fetching {
  private readonly pipeline: PipelineFile;
  private readonly source: RemoteSource;
  private readonly spool: string;
  private readonly context: CollectContext;
  private stillWritten = 0;
  private notReady = 0;
  private refusedNames = 0;

  constructor(
    pipeline: PipelineFile,
    place: { readonly source: RemoteSource; readonly spool: string },
    context: CollectContext,
  ) {
    this.pipeline = pipeline;
    this.source = place.source;
    this.spool = place.spool;
    this.context = context;
  }

  get warnings(): Readonly<Record<string, number>> {
    return {
      ...counted("file_still_written", this.stillWritten),
      ...counted("file_not_ready", this.notReady),
      ...counted("file_name_refused", this.refusedNames),
    };
  }

  readyOf(entries: readonly RemoteEntry[]): readonly RemoteFile[] {
    const { ready, settle } = this.pipeline.source;
    const { pattern } = this.source;
    const names = new Set(entries.map(({ name }) => name));
    const now = this.context.clock.now().getTime();
    return entries
      .filter(({ name, kind }) => {
        if (pattern !== null && name !== pattern && !posix.matchesGlob(name, pattern)) return false;
        if (kind === "other" || isUnfinishedName(name)) return false;
        if (ready !== undefined && name.endsWith(ready)) return false;
        if (kind === "file" && isPlainName(name)) return true;
        this.refusedNames += 1;
        return false;
      })
      .filter(({ name, modifiedAt }) => {
        const ageMs = now - modifiedAt.getTime();
        const isReady = ready === undefined || names.has(name + ready);
        const isSettled = settle === undefined || ageMs < 0 || ageMs >= settle * 1_000;
        if (!isReady) this.notReady += 1;
        else if (!isSettled) this.stillWritten += 1;
        return isReady && isSettled;
      })
      .sort(byName);
  }

  /** What an earlier run fetched and did not come to load is fetched again where it changed, and else goes. */
  async removeLeftovers(ready: readonly RemoteFile[]): Promise<void> {
    const wanted = new Set(ready.map(({ name }) => name));
    for (const name of await readdir(this.spool))
      if (!wanted.has(name)) await rm(join(this.spool, name), { force: true });
  }

  /** A file that was committed under this name with this size and date need not cross the network to be known again. */
  async knownBefore(remote: RemoteFile): Promise<KnownSourceFile | null> {
    const known = await findKnownDelivery(this.context.database.writer, {
      ...remote,
      name: maskAadhaar(remote.name),
      pipeline: this.pipeline.name,
    });
    return known === null ? null : { name: remote.name, fieldMapHash: known.fieldMapHash };
  }

  /** Null, and counted, when the file changed while it was fetched. One that may not be read says so when it is read. */
  async fetch(session: SftpSession, remote: RemoteFile): Promise<SourceFile | null> {
    const { name, bytes, modifiedAt } = remote;
    const path = join(this.spool, name);
    try {
      if (!(await isSpooled(path, remote)) && !(await this.spoolFile(session, remote, path))) {
        this.stillWritten += 1;
        return null;
      }
    } catch (error) {
      if (!(error instanceof HimsError && error.code === "HIMS_SFTP_PERMISSION")) throw error;
      return { path, name, bytes, modifiedAt, content: () => unreadable(name, error) };
    }
    this.context.progress.report({
      stage: `${this.pipeline.name} fetched`,
      done: remote.bytes,
      total: remote.bytes,
      unit: "bytes",
    });
    return { path, name, bytes, modifiedAt };
  }

  /** False when the file is not what was listed any more. */
  private async spoolFile(
    session: SftpSession,
    remote: RemoteFile,
    path: string,
  ): Promise<boolean> {
    const place = posix.join(this.source.folder, remote.name);
    const temporary = join(this.spool, `.fetching-${process.pid}.part`);
    await rm(temporary, { force: true });
    try {
      if (!(await session.fetch(place, temporary, this.context.signal))) return false;
      const now = await session.look(place);
      const { size } = await stat(temporary);
      if (now === null || !isOneState(now, remote) || size !== remote.bytes) return false;
      await keep(temporary, path, remote.modifiedAt);
      return true;
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

/** Refuses the one file: the others of the folder are read all the same. */
// biome-ignore lint/correctness/useYield: it ends before there is anything to give.
async function* unreadable(file: string, cause: HimsError): AsyncGenerator<Uint8Array> {
  throw new HimsError("HIMS_SOURCE_UNREADABLE", {
    kind: "unreachable",
    message: "the SFTP server does not permit reading a file",
    hint: "Ask the server's people to let the user of `source.at` read it. The other files were read.",
    at: { file },
    cause,
  });
}

/** A name that is nothing but a name, on any system and any terminal. */
function isPlainName(name: string): boolean {
  return (
    !/[/\\\p{C}\p{Zl}\p{Zp}]/u.test(name) &&
    name !== "." &&
    name !== ".." &&
    Buffer.byteLength(name) <= 240
  );
}

function isOneState(
  one: { readonly bytes: number; readonly modifiedAt: Date },
  other: { readonly bytes: number; readonly modifiedAt: Date },
): boolean {
  return one.bytes === other.bytes && one.modifiedAt.getTime() === other.modifiedAt.getTime();
}

/** Fetched by a run that ended before it was loaded. */
async function isSpooled(path: string, remote: RemoteFile): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  return found !== null && isOneState({ bytes: found.size, modifiedAt: found.mtime }, remote);
}

async function keep(temporary: string, path: string, modifiedAt: Date): Promise<void> {
  const handle = await open(temporary, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await utimes(temporary, modifiedAt, modifiedAt);
  await rename(temporary, path);
}

/** What happens to a file on the server, and to its copy here, once its fate is known. */
class RemoteActions {
  private readonly pipeline: PipelineFile;
  private readonly source: RemoteSource;
  private readonly spool: string;
  private readonly remotes: ReadonlyMap<string, RemoteFile>;
  private readonly context: CollectContext;
  /** Opened for the first action only: the server would have ended an idle one while the files were loaded. */
  private session: Promise<SftpSession> | null = null;

  constructor(
    pipeline: PipelineFile,
    place: {
      readonly source: RemoteSource;
      readonly spool: string;
      readonly ready: readonly RemoteFile[];
    },
    context: CollectContext,
  ) {
    this.pipeline = pipeline;
    this.source = place.source;
    this.spool = place.spool;
    this.remotes = new Map(place.ready.map((file) => [file.name, file]));
    this.context = context;
  }

  async settle(name: string, outcome: Settlement): Promise<string | null> {
    // The archive has what was committed; what was refused is fetched again.
    await rm(join(this.spool, name), { force: true });
    const { after } = this.pipeline.source;
    const remote = this.remotes.get(name);
    if (remote === undefined) return null;
    try {
      if (outcome === "refused")
        return after.movesRefused ? await this.move(remote, after.failedFolder ?? "failed") : null;
      if (after.loaded === "move") return await this.move(remote, after.doneFolder ?? "done");
      return after.loaded === "delete" ? await this.remove(remote) : null;
    } catch (error) {
      this.session = null;
      return actionFailed(error, this.context);
    }
  }

  async close(): Promise<void> {
    if (this.session === null) return;
    const session = await this.session;
    await session[Symbol.asyncDispose]();
  }

  private connection(): Promise<SftpSession> {
    const { address, credentials } = this.source;
    this.session ??= SftpSession.open(address, credentials, this.context.signal);
    return this.session;
  }

  /** @param folder relative to the folder of the source */
  private async move(remote: RemoteFile, folder: string): Promise<string | null> {
    const session = await this.connection();
    if (!(await this.isUnchanged(session, remote))) return replacedRule;
    const target = posix.resolve(this.source.folder, folder);
    await session.makeFolder(target);
    const { ready } = this.pipeline.source;
    await this.moveUnder(session, remote.name, target);
    if (ready !== undefined) await this.moveUnder(session, remote.name + ready, target);
    return null;
  }

  private async moveUnder(session: SftpSession, name: string, target: string): Promise<void> {
    const path = posix.join(this.source.folder, name);
    if ((await session.look(path)) === null) return;
    for (let number = 1; ; number += 1) {
      const free = posix.join(target, numbered(name, number));
      // Looked at first: some servers overwrite.
      if ((await session.look(free)) === null) return await session.rename(path, free);
    }
  }

  private async remove(remote: RemoteFile): Promise<string | null> {
    const session = await this.connection();
    if (!(await this.isUnchanged(session, remote))) return replacedRule;
    const path = posix.join(this.source.folder, remote.name);
    const { ready } = this.pipeline.source;
    await session.remove(path);
    if (ready !== undefined && (await session.look(path + ready)) !== null)
      await session.remove(path + ready);
    return null;
  }

  private async isUnchanged(session: SftpSession, remote: RemoteFile): Promise<boolean> {
    const now = await session.look(posix.join(this.source.folder, remote.name));
    return now !== null && isOneState(now, remote);
  }
}
