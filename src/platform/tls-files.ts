/** The certificate and the key with which HTTPS is served, checked before anything listens. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { HimsError } from "./errors.ts";
import { codeOf } from "./failure.ts";

/** As PEM; the certificate may be followed by those that vouch for it. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** @returns null when neither is named @throws HimsError HIMS_TLS_FILES when they cannot be read or do not belong together */
export function readTlsFiles(certPath: string | null, keyPath: string | null): TlsFiles | null {
  if (certPath === null || keyPath === null) return null;
  const cert = read(certPath, "certificate");
  const key = read(keyPath, "key");
  if (isPair(cert, key)) return { cert, key };
  throw new HimsError("HIMS_TLS_FILES", {
    kind: "usage",
    message: "the certificate and the key are no PEM files that belong together",
    hint: "--tls-cert takes the certificate chain, --tls-key its private key without a passphrase, both as PEM.",
    at: { file: certPath },
  });
}

function isPair(cert: Buffer, key: Buffer): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // OpenSSL's own words for either file say nothing that an operator can use
  }
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new HimsError("HIMS_TLS_FILES", {
      kind: "usage",
      message: `the ${what} for TLS cannot be read (${codeOf(error)})`,
      hint: "Check the path, and that this user may read it.",
      at: { file: path },
      cause: error,
    });
  }
}
