/** The text of a gzip file, however many members it has. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { HimsError } from "../platform/errors.ts";
import { archiveFailure } from "./archive-failure.ts";
import { UnpackLimit } from "./unpack-limit.ts";

const readBytes = 1 << 18;

/** Unpacks as it is read; a file that is cut off or damaged ends in an error, never early. */
export async function* gunzipped(
  file: { readonly path: string; readonly name: string },
  maxBytes: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const limit = new UnpackLimit(file.name, maxBytes);
  const packed = createReadStream(file.path, { highWaterMark: readBytes });
  const gunzip = createGunzip({ chunkSize: readBytes });
  packed.on("data", (chunk) => limit.packedBytes(chunk.length));
  packed.on("error", (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  let isEmpty = true;
  try {
    for await (const chunk of gunzip) {
      signal.throwIfAborted();
      isEmpty = false;
      limit.unpackedBytes((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw archiveFailure(error, file.name, signal);
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
  if (isEmpty) throw emptyInside(file.name);
}

/** An archive with nothing in it is an export that failed. */
export function emptyInside(file: string): HimsError {
  return new HimsError("HIMS_SOURCE_EMPTY", {
    kind: "usage",
    message: "this file is empty",
    hint: "Export it again: even without records a file has a header. Or remove it.",
    at: { file, line: 1 },
  });
}
