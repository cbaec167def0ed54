/** Packed bytes as the files that are in them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readContent, type SourceFile } from "../../src/connectors/connector.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { unwrapped } from "../../src/pipelines/source-wrapping.ts";
import { HimsError } from "../../src/platform/errors.ts";

/** A file that came out of a packed one: its text, or the error in place of it. */
export interface Unpacked {
  readonly name: string;
  readonly bytes: Buffer;
  readonly textEncoding: string | undefined;
  readonly refusal: HimsError | null;
}

const { signal } = new AbortController();

/** Unpacks bytes as ingestion does: from a file on the disk. */
export async function unpack(bytes: Buffer, pipeline: PipelineFile): Promise<readonly Unpacked[]> {
  const folder = mkdtempSync(join(tmpdir(), "hims-fuzz-packed-"));
  const path = join(folder, "given");
  writeFileSync(path, bytes);
  const file = { path, name: "given", bytes: bytes.length, modifiedAt: new Date(0) };
  try {
    const unpacked: Unpacked[] = [];
    for (const inner of await unwrapped([file], pipeline, signal))
      unpacked.push(await contentOf(inner));
    return unpacked;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function contentOf(file: SourceFile): Promise<Unpacked> {
  const { name, textEncoding } = file;
  const chunks: Uint8Array[] = [];
  let refusal: HimsError | null = null;
  try {
    for await (const chunk of readContent(file, signal)) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    refusal = error;
  }
  return { name, bytes: Buffer.concat(chunks), textEncoding, refusal };
}
