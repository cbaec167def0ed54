/** Listening on an address until told to stop. */
import type { FastifyInstance } from "fastify";
import { systemClock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";
import type { Logger } from "../platform/logger.ts";
import { ReaderPool, type StoreLocation } from "../store/database.ts";
import { buildServer, type ServerOptions } from "./server.ts";

export interface ListenOptions {
  readonly store: StoreLocation;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly version: string;
  readonly logger: Logger;
  readonly tls?: ServerOptions["tls"];
  readonly uploads?: ServerOptions["uploads"];
}

export interface ServedAddress {
  readonly url: string;
  readonly pid: number;
}

/**
 * Serves until the signal aborts, then lets requests under way end and seals the access log.
 * @param ready called once when requests are answered
 * @throws HimsError HIMS_ADDRESS when the address cannot be used
 */
export async function serveUntil(
  options: ListenOptions,
  signal: AbortSignal,
  ready: (address: ServedAddress) => Promise<void>,
): Promise<ServedAddress> {
  await using pool = await ReaderPool.open(options.store);
  const { logger, version, tls = null, uploads = null } = options;
  const app = await buildServer({
    reader: pool.reader,
    logger,
    version,
    clock: systemClock,
    tls,
    uploads,
  });
  try {
    const address = { url: await listen(app, options), pid: process.pid };
    await ready(address);
    await aborted(signal);
    return address;
  } finally {
    await app.close();
  }
}

async function listen(
  app: FastifyInstance,
  { host, port, tls = null }: ListenOptions,
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new HimsError("HIMS_ADDRESS", {
      kind: "usage",
      message: `cannot listen on this host and port (${codeOf(error)})`,
      hint: "Choose another --host or --port; --port 0 picks a free one.",
      cause: error,
    });
  }
  const address = app.server.address();
  const chosen = typeof address === "object" && address !== null ? address.port : port;
  return `${tls === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${chosen}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
