/** An SFTP server of ssh2 over a folder, for tests: what it serves, and how it misbehaves, is up to the test. */
import { createHash, generateKeyPairSync } from "node:crypto";
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2, { type Connection, type SFTPWrapper } from "ssh2";
import { onTestFinished } from "vitest";

export interface TestSftpServer {
  readonly port: number;
  readonly fingerprint: string;
  /** Names of requests, in order: `READ`, `RENAME`... */
  readonly requests: string[];
  /** Ends the connection at the so-manieth READ; null: never. */
  cutAtRead: number | null;
  /** Called before each READ is answered. */
  onRead: () => void;
  /** Path of a file that nobody may open; null: none. */
  forbidden: string | null;
}

const { STATUS_CODE } = ssh2.utils.sftp;

/** Serves a folder as `/` to the user `hims` with the password `secret`, on a free port, until the test has finished. */
export async function anSftpServer(root: string): Promise<TestSftpServer> {
  const key = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const connections = new Set<Connection>();
  const state = {
    requests: [] as string[],
    cutAtRead: null as number | null,
    onRead: (): void => undefined,
    forbidden: null as string | null,
  };
  const server = new ssh2.Server({ hostKeys: [key.privateKey] }, (client) => {
    connections.add(client);
    client.on("error", () => undefined);
    client.on("authentication", (ask) =>
      ask.method === "password" && ask.username === "hims" && ask.password === "secret"
        ? ask.accept()
        : ask.reject(["password"]),
    );
    client.on("session", (accept) =>
      accept().on("sftp", (open) => serve(open(), { root, state, cut: () => client.end() })),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    for (const client of connections) client.end();
    server.close();
  });
  const parsedKey = ssh2.utils.parseKey(key.privateKey);
  if (parsedKey instanceof Error) throw parsedKey;
  const wire = (Array.isArray(parsedKey) ? parsedKey[0] : parsedKey).getPublicSSH();
  const hash = createHash("sha256").update(wire).digest("base64").replace(/=+$/, "");
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    fingerprint: `SHA256:${hash}`,
  });
}

interface Serving {
  readonly root: string;
  readonly state: Omit<TestSftpServer, "port" | "fingerprint">;
  readonly cut: () => void;
}

function serve(sftp: SFTPWrapper, { root, state, cut }: Serving): void {
  const handles = new Map<string, { fd: number } | { names: string[]; path: string }>();
  let last = 0;
  const keep = (open: { fd: number } | { names: string[]; path: string }) => {
    last += 1;
    handles.set(String(last), open);
    return Buffer.from(String(last));
  };
  /** Answers a request, or the status of what the file system said. */
  const answer = (name: string, id: number, work: () => void) => {
    state.requests.push(name);
    try {
      work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      sftp.status(
        id,
        code === "ENOENT"
          ? STATUS_CODE.NO_SUCH_FILE
          : code === "EACCES"
            ? STATUS_CODE.PERMISSION_DENIED
            : STATUS_CODE.FAILURE,
      );
    }
  };
  const ok = (id: number) => sftp.status(id, STATUS_CODE.OK);
  sftp.on("OPEN", (id, path) =>
    answer("OPEN", id, () => {
      if (path === state.forbidden) sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
      else sftp.handle(id, keep({ fd: openSync(join(root, path), "r") }));
    }),
  );
  sftp.on("READ", (id, handle, offset, length) =>
    answer("READ", id, () => {
      const reads = state.requests.filter((name) => name === "READ").length;
      if (state.cutAtRead !== null && reads >= state.cutAtRead) return cut();
      state.onRead();
      const open = handles.get(handle.toString());
      if (open === undefined || !("fd" in open)) throw new Error("no such handle");
      const bytes = Buffer.alloc(length);
      const read = readSync(open.fd, bytes, 0, length, offset);
      if (read === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, bytes.subarray(0, read));
    }),
  );
  sftp.on("FSTAT", (id, handle) =>
    answer("FSTAT", id, () => {
      const open = handles.get(handle.toString());
      if (open === undefined || !("fd" in open)) throw new Error("no such handle");
      sftp.attrs(id, attributesOf(fstatSync(open.fd)));
    }),
  );
  const lookAt = (name: string) => (id: number, path: string) =>
    answer(name, id, () => sftp.attrs(id, attributesOf(lstatSync(join(root, path)))));
  sftp.on("LSTAT", lookAt("LSTAT"));
  sftp.on("STAT", lookAt("STAT"));
  sftp.on("OPENDIR", (id, path) =>
    answer("OPENDIR", id, () =>
      sftp.handle(id, keep({ names: readdirSync(join(root, path)), path: join(root, path) })),
    ),
  );
  sftp.on("READDIR", (id, handle) =>
    answer("READDIR", id, () => {
      const open = handles.get(handle.toString());
      if (open === undefined || !("names" in open)) throw new Error("no such handle");
      const names = open.names.splice(0);
      if (names.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else
        sftp.name(
          id,
          names.map((filename) => ({
            filename,
            longname: filename,
            attrs: attributesOf(lstatSync(join(open.path, filename))),
          })),
        );
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    answer("CLOSE", id, () => {
      const open = handles.get(handle.toString());
      if (open !== undefined && "fd" in open) closeSync(open.fd);
      handles.delete(handle.toString());
      ok(id);
    }),
  );
  sftp.on("RENAME", (id, from, to) =>
    answer("RENAME", id, () => {
      renameSync(join(root, from), join(root, to));
      ok(id);
    }),
  );
  sftp.on("REMOVE", (id, path) =>
    answer("REMOVE", id, () => {
      unlinkSync(join(root, path));
      ok(id);
    }),
  );
  sftp.on("MKDIR", (id, path) =>
    answer("MKDIR", id, () => {
      mkdirSync(join(root, path));
      ok(id);
    }),
  );
}

function attributesOf({ mode, uid, gid, size, atime, mtime }: Stats) {
  const seconds = (time: Date) => Math.floor(time.getTime() / 1_000);
  return { mode, uid, gid, size, atime: seconds(atime), mtime: seconds(mtime) };
}
