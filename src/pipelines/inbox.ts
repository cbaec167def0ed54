/** The inbox of a facility: where `hims serve` lays what was uploaded, and a pipeline with `at: inbox` finds it. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  chmod,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { codeOf } from "../platform/failure.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import { numbered, synced } from "./after-action.ts";
import { isUnfinishedName } from "./source-listing.ts";

export interface Upload {
  readonly folder: string;
  /** As `uploadName` answers it. */
  readonly name: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly limitBytes: number;
  /** What the sender says its content hashes to; null when it says nothing. */
  readonly sha256: Buffer | null;
  /** Called with the content safe on the disk and not yet visible to a run: what it throws ends the upload. */
  readonly beforeArrival: () => Promise<void>;
}

export interface ReceivedUpload {
  /** In the inbox; has a number where other content had the name already. */
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** False when the same content under the same name lay there already. */
  readonly isNew: boolean;
}

export type UploadProblem = "upload_empty" | "upload_too_large" | "upload_digest_mismatch";

const abandonedMs = 3_600_000;
const longestNameBytes = 200;

/** The folder, made as open as the one for all files. @param facilityId has no character that means something in a path */
export async function inboxFolder(filesFolder: string, facilityId: string): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(facilityId)) throw new Error("no id of a facility");
  const { mode } = await stat(filesFolder);
  const inboxes = join(filesFolder, "inbox");
  for (const folder of [inboxes, join(inboxes, facilityId)])
    if ((await mkdir(folder, { recursive: true })) !== undefined)
      await chmod(folder, mode & 0o7777);
  return join(inboxes, facilityId);
}

/**
 * What a file that was sent may be called: the last part of what its sender calls it, without what a terminal, a path or
 * our own listing would take for something else, and with Aadhaar numbers masked. Null when nothing is left.
 */
export function uploadName(sent: string): string | null {
  const last = sent.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = maskAadhaar(last.replace(/[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu, "").trim());
  const name = plain.replace(/^[.\s]+/, "");
  if (name === "" || isUnfinishedName(name)) return null;
  return Buffer.byteLength(name) > longestNameBytes ? null : name;
}

/** Takes an upload in: whole and safe on the disk, or not at all. Errors of the disk are thrown as they are. */
export async function receiveUpload(
  upload: Upload,
): Promise<Parsed<ReceivedUpload, UploadProblem>> {
  await removeAbandoned(upload.folder);
  const temporary = join(upload.folder, `.upload-${randomBytes(8).toString("hex")}.part`);
  const { mode } = await stat(upload.folder);
  const handle = await open(temporary, "wx", mode & 0o666);
  try {
    const content = await written(handle, upload);
    if (!content.ok) return content;
    await upload.beforeArrival();
    return parsed(await arrive(temporary, upload, content.value));
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}

interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

async function written(
  handle: FileHandle,
  upload: Upload,
): Promise<Parsed<Content, UploadProblem>> {
  const digest = createHash("sha256");
  let bytes = 0;
  for await (const chunk of upload.body) {
    bytes += chunk.length;
    if (bytes > upload.limitBytes) return unparsed("upload_too_large");
    digest.update(chunk);
    await writeAll(handle, chunk);
  }
  if (bytes === 0) return unparsed("upload_empty");
  const hash = digest.digest();
  if (upload.sha256 !== null && !hash.equals(upload.sha256))
    return unparsed("upload_digest_mismatch");
  await handle.sync();
  return parsed({ bytes, sha256: hash.toString("hex") });
}

/** A disk that is nearly full takes a part of what is written. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done);
    done += bytesWritten;
  }
}

/** Under its name, or that name with a number; a link never overwrites what is there. */
async function arrive(
  temporary: string,
  { folder, name }: Upload,
  content: Content,
): Promise<ReceivedUpload> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, numbered(name, number));
    const isNew = await linked(temporary, path);
    if (isNew) await synced(folder);
    if (isNew || (await hashOf(path)) === content.sha256)
      return { name: basename(path), ...content, isNew };
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Null when a run has just taken the file away. */
async function hashOf(path: string): Promise<string | null> {
  const digest = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) digest.update(chunk as Uint8Array);
    return digest.digest("hex");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Uploads during which the server was killed. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.upload-[0-9a-f]+\.part$/.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    // The file's own clock is the one that dated it.
    if (found !== null && Date.now() - found.mtimeMs > abandonedMs)
      await unlink(path).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
  }
}
