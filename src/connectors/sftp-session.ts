/** One connection to an SFTP server whose host key is known beforehand: listing, fetching, and moving files there. */
import { createHash } from "node:crypto";
import type { Client, ConnectConfig, FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";

export interface SftpAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

export interface SftpCredentials {
  /** Fingerprints as `ssh-keygen -l` prints them, `SHA256:...`; the server must have one of them. */
  readonly hostKeys: readonly string[];
  readonly privateKey: string | null;
  readonly passphrase: string | null;
  readonly password: string | null;
}

/** A plain file on the server. Times there are whole seconds. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** What is told of a name in a folder, before anything is asked of the file itself. */
export interface RemoteEntry extends RemoteFile {
  readonly kind: "file" | "link" | "other";
}

const connectTimeoutMs = 20_000;
/** How long an answer, or the next piece of a file, may take. */
const answerTimeoutMs = 60_000;
const keepaliveMs = 10_000;

/** SFTP's own codes for what an operator can mend. */
const noSuchFile = 2;
const permissionDenied = 3;

export class SftpSession implements AsyncDisposable {
  private readonly client: Client;
  private readonly sftp: SFTPWrapper;
  private readonly address: SftpAddress;

  private constructor(client: Client, sftp: SFTPWrapper, address: SftpAddress) {
    this.client = client;
    this.sftp = sftp;
    this.address = address;
  }

  /**
   * Signs in. Nothing but the key exchange happens with a server whose host key is not one of those given.
   * @throws HimsError HIMS_SFTP_HOST_KEY, HIMS_SFTP_LOGIN, HIMS_SFTP_UNREACHABLE (all exit 4)
   */
  static async open(
    address: SftpAddress,
    credentials: SftpCredentials,
    signal: AbortSignal,
  ): Promise<SftpSession> {
    signal.throwIfAborted();
    // Loaded here, since most runs never need it.
    const { Client: SshClient } = await import("ssh2");
    const client = new SshClient();
    let offered: string | null = null;
    const isKnown = (key: Buffer) => {
      offered = fingerprintOf(key);
      return credentials.hostKeys.includes(offered);
    };
    try {
      const sftp = await connected(client, configOf(address, credentials, isKnown));
      return new SftpSession(client, sftp, address);
    } catch (error) {
      client.destroy();
      if (offered !== null && !credentials.hostKeys.includes(offered))
        throw wrongHostKey(address, offered, credentials.hostKeys);
      throw isLoginFailure(error) ? loginRefused(address) : unreachableServer(address, error);
    }
  }

  /** What lies in a folder, in no order. @throws HimsError HIMS_SOURCE_MISSING, HIMS_SFTP_UNREACHABLE */
  async list(folder: string): Promise<readonly RemoteEntry[]> {
    const entries = await this.ask<FileEntryWithStats[]>((answer) =>
      this.sftp.readdir(folder, answer),
    ).catch((error: unknown) => {
      throw statusOf(error) === noSuchFile ? missingFolder(this.address, folder) : error;
    });
    return entries.map(({ filename, attrs }) => ({ name: filename, ...factsOf(attrs) }));
  }

  /** A file as it is now, links not followed; null when it is gone. */
  async look(path: string): Promise<RemoteEntry | null> {
    try {
      const stats = await this.ask<Stats>((answer) => this.sftp.lstat(path, answer));
      return { name: path, ...factsOf(stats) };
    } catch (error) {
      if (statusOf(error) === noSuchFile) return null;
      throw error;
    }
  }

  /**
   * Fetches a file whole into a local one that must not be there yet.
   * @param signal leaves the rest of it on the server
   * @returns false when it is gone from there
   * @throws HimsError HIMS_SFTP_PERMISSION for this file alone
   */
  async fetch(path: string, local: string, signal: AbortSignal): Promise<boolean> {
    const stop = () => this.client.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await this.ask<undefined>((answer, stillAlive) =>
        this.sftp.fastGet(path, local, { concurrency: 32, step: stillAlive }, (error) =>
          answer(error, undefined),
        ),
      );
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === noSuchFile) return false;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Fails where the new name is taken: a server never overwrites by this request of version 3. */
  async rename(from: string, to: string): Promise<void> {
    await this.ask<undefined>((answer) =>
      this.sftp.rename(from, to, (error) => answer(error, undefined)),
    );
  }

  async remove(path: string): Promise<void> {
    await this.ask<undefined>((answer) =>
      this.sftp.unlink(path, (error) => answer(error, undefined)),
    );
  }

  /** Makes a folder that is not there yet. */
  async makeFolder(path: string): Promise<void> {
    if ((await this.look(path)) !== null) return;
    await this.ask<undefined>((answer) =>
      this.sftp.mkdir(path, (error) => answer(error, undefined)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.end();
  }

  /** One request; an answer that does not come within its time ends the connection, as does a connection that is lost. */
  private async ask<T>(
    request: (
      answer: (error: Error | null | undefined, value: T) => void,
      stillAlive: () => void,
    ) => void,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const lost = () => reject(new ConnectionLost());
    const timer = setTimeout(() => {
      lost();
      this.client.destroy();
    }, answerTimeoutMs);
    this.client.once("close", lost);
    try {
      request(
        (error, value) => (error ? reject(error) : resolve(value)),
        () => timer.refresh(),
      );
      return await promise;
    } catch (error) {
      const status = statusOf(error);
      if (status === noSuchFile) throw error;
      if (status === permissionDenied) throw notPermitted(this.address);
      // What the local disk says is not the server's fault.
      if (status === null && error instanceof Error && "syscall" in error) throw error;
      throw unreachableServer(this.address, error);
    } finally {
      clearTimeout(timer);
      this.client.off("close", lost);
    }
  }
}

class ConnectionLost extends Error {
  readonly code = "CONNECTION_LOST";
}

/** `SHA256:` and unpadded base64, as OpenSSH prints a key. @param key in the wire format */
export function fingerprintOf(key: Uint8Array): string {
  const hash = createHash("sha256").update(key).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}

function configOf(
  { host, port, user }: SftpAddress,
  { privateKey, passphrase, password }: SftpCredentials,
  isKnown: (key: Buffer) => boolean,
): ConnectConfig {
  return {
    host,
    port,
    username: user,
    ...(privateKey === null ? {} : { privateKey }),
    ...(passphrase === null ? {} : { passphrase }),
    ...(password === null ? {} : { password }),
    hostVerifier: isKnown,
    readyTimeout: connectTimeoutMs,
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: 3,
  };
}

async function connected(client: Client, config: ConnectConfig): Promise<SFTPWrapper> {
  const { promise, resolve, reject } = Promise.withResolvers<SFTPWrapper>();
  // Stays for good: an error after a request has failed would end the process.
  client.on("error", reject);
  client.once("close", () => reject(new ConnectionLost()));
  client.once("ready", () => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
  client.connect(config);
  return await promise;
}

function factsOf(stats: Stats): Omit<RemoteEntry, "name"> {
  return {
    kind: stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other",
    bytes: stats.size,
    modifiedAt: new Date(stats.mtime * 1_000),
  };
}

/** SFTP's status code; null where the error is not the server's answer. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && "code" in error && typeof error.code === "number"
    ? error.code
    : null;
}

function isLoginFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("level" in error && error.level === "client-authentication") return true;
  // What ssh2 says of a key it cannot read, before it connects.
  return /^(Cannot parse privateKey|Encrypted)/.test(error.message);
}

function wrongHostKey(
  { host, port }: SftpAddress,
  offered: string,
  pinned: readonly string[],
): HimsError {
  return new HimsError("HIMS_SFTP_HOST_KEY", {
    kind: "unreachable",
    message: `the SFTP server ${host}:${port} has another host key than the pipeline file says`,
    hint: `It offers ${offered}; \`hostKey\` says ${pinned.join(", ")}. Ask the server's people whether they changed it; until then somebody may be standing between.`,
  });
}

function loginRefused({ host, port, user }: SftpAddress): HimsError {
  return new HimsError("HIMS_SFTP_LOGIN", {
    kind: "unreachable",
    message: `the SFTP server ${host}:${port} does not let ${user} in`,
    hint: "Check user, `privateKey` (and its `passphrase`) or `password` of the pipeline file.",
  });
}

function notPermitted({ host, port, user }: SftpAddress): HimsError {
  return new HimsError("HIMS_SFTP_PERMISSION", {
    kind: "unreachable",
    message: `the SFTP server ${host}:${port} does not permit ${user} to do this`,
    hint: "The user must be able to list the folder and read its files; `after: move` and `delete` need the right to write there.",
  });
}

function missingFolder({ host, port }: SftpAddress, folder: string): HimsError {
  return new HimsError("HIMS_SOURCE_MISSING", {
    kind: "unreachable",
    message: "the source is not there",
    hint: "Check `source.at` of the pipeline file: sftp://user@host/path is an absolute path on the server.",
    at: { file: `sftp://${host}:${port}${folder}` },
  });
}

function unreachableServer({ host, port }: SftpAddress, error: unknown): HimsError {
  return new HimsError("HIMS_SFTP_UNREACHABLE", {
    kind: "unreachable",
    message: `the SFTP server ${host}:${port} cannot be reached, or the connection was lost (${toldCode(error)})`,
    hint: "Run the same command again once it is back: what was not fetched whole is not loaded.",
    cause: error,
  });
}

function toldCode(error: unknown): string {
  return statusOf(error) === null ? codeOf(error) : `status ${statusOf(error)}`;
}
