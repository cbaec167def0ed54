/** What the headers of an upload say about its file: the name and the hash. */
import type { FastifyRequest } from "fastify";
import { RequestFailure } from "./failure.ts";

/** The name as it was sent, from `?name=` or Content-Disposition (RFC 6266; `filename*` wins); null where nothing says it. */
export function sentName({ query, headers }: FastifyRequest): string | null {
  if (typeof query === "object" && query !== null && "name" in query && query.name !== undefined)
    return String(query.name);
  const text = headers["content-disposition"] ?? "";
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(text)?.[1];
  if (extended !== undefined) return decoded(extended);
  const quoted = /;\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(text)?.[1];
  if (quoted !== undefined) return fromLatin1(quoted.replace(/\\(.)/g, "$1"));
  return /;\s*filename\s*=\s*([^;\s"]+)/i.exec(text)?.[1] ?? null;
}

/**
 * The SHA-256 that the sender vouches for, from Content-Digest (RFC 9530) or the older Digest (RFC 3230); null for none.
 * @throws RequestFailure 400 for a digest that cannot be read, 415 for a content coding
 */
export function sentDigest({ headers }: FastifyRequest): Buffer | null {
  if (![undefined, "identity"].includes(headers["content-encoding"]))
    throw new RequestFailure(415, "not-supported", "send the file without Content-Encoding");
  const text = headers["content-digest"] ?? headers["digest"];
  if (text === undefined) return null;
  const base64 = /(?:^|,)\s*sha-256=:?([A-Za-z0-9+/]{43}=):?/i.exec(String(text))?.[1];
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  throw new RequestFailure(400, "value", "of digests only sha-256 is understood");
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // not what RFC 8187 allows: as good as no name
  }
}

/** Node reads header bytes as Latin-1, and clients send UTF-8. */
function fromLatin1(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  const utf8 = bytes.toString("utf8");
  return utf8.includes("\ufffd") ? text : utf8;
}
