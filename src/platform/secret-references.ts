/** Secrets are not written into YAML files but referred to: `${env:NAME}` and `${file:PATH}`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Names and values of the environment, `.env` included. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretSource {
  readonly environment: Environment;
  /** Folder to which a relative `${file:PATH}` is relative. */
  readonly folder: string;
}

export type ResolvedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

const reference = /\$\{([^}]*)\}/g;

/** Replaces every reference in a text; the reason of a failure names the reference, never a value. */
export function resolveReferences(text: string, source: SecretSource): ResolvedText {
  let reason: string | null = null;
  const resolved = text.replace(reference, (_, inner: string) => {
    const answer = resolveOne(inner, source);
    if (answer.ok) return answer.text;
    reason ??= answer.reason;
    return "";
  });
  return reason === null ? { ok: true, text: resolved } : { ok: false, reason };
}

function resolveOne(inner: string, source: SecretSource): ResolvedText {
  const separator = inner.indexOf(":");
  const scheme = inner.slice(0, Math.max(0, separator));
  const name = inner.slice(separator + 1).trim();
  if (scheme === "env") {
    const value = source.environment[name];
    if (value !== undefined && value !== "") return { ok: true, text: value };
    return { ok: false, reason: `the environment variable ${name} is not set` };
  }
  if (scheme === "file") return readSecretFile(resolve(source.folder, name), name);
  return { ok: false, reason: "unknown reference; known are env:NAME and file:PATH" };
}

function readSecretFile(path: string, name: string): ResolvedText {
  try {
    return { ok: true, text: readFileSync(path, "utf8").replace(/\r?\n$/, "") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return { ok: false, reason: `the file ${name} cannot be read (${code})` };
  }
}
