/** The HTTP server: a few doors that only read, and write down who looked. */
import swagger from "@fastify/swagger";
import { type FastifyInstance, fastify } from "fastify";
import { jsonSchemaTransform, validatorCompiler } from "fastify-type-provider-zod";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import type { TlsFiles } from "../platform/tls-files.ts";
import type { Reader } from "../store/database.ts";
import { sealEachSecond } from "./access-sealing.ts";
import { requireKeys } from "./authentication.ts";
import { registerCardRoutes } from "./card-routes.ts";
import { errorHandler, malformedConnection, unmatchedHandler } from "./failure.ts";
import { registerFhirRoutes } from "./fhir-routes.ts";
import { registerHealth } from "./health-route.ts";
import { registerMetrics } from "./metrics.ts";
import { registerUploadRoute, type UploadOptions } from "./upload-routes.ts";

export interface ServerOptions {
  /** Of the reader's role: a server cannot write but through the three functions of design decision 18. */
  readonly reader: Reader;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly version: string;
  /** Null or absent: plain HTTP. */
  readonly tls?: TlsFiles | null;
  /** Where files that are sent go; null or absent: none are taken. */
  readonly uploads?: Omit<UploadOptions, "reader"> | null;
}

const bodyLimitBytes = 64 * 1_024;
/** A request that takes longer to arrive is somebody holding a connection open. */
const requestTimeoutMs = 30_000;
const connectionsAtOnce = 1_000;
/** A large file over a slow line takes its time; the headers before it do not. */
const uploadTimeoutMs = 15 * 60_000;

/** A server that is ready to listen. Closing it lets requests under way end and seals the access log. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { reader, logger } = options;
  const uploads = options.uploads ?? null;
  const tls = options.tls ?? null;
  const onError = errorHandler(logger);
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: uploads === null ? requestTimeoutMs : uploadTimeoutMs,
    ...(tls === null ? {} : { https: { cert: tls.cert, key: tls.key, minVersion: "TLSv1.2" } }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void onError(error, request, reply),
    clientErrorHandler: malformedConnection,
  });
  app.server.maxConnections = connectionsAtOnce;
  app.server.headersTimeout = requestTimeoutMs;
  app.setValidatorCompiler(validatorCompiler);
  // Responses are ours and need no second judgement; their schemas are documentation.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(onError);
  app.setNotFoundHandler(unmatchedHandler);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: unknown, body: string | Buffer) => readForm(body.toString()),
  );
  secureHeaders(app);
  requireKeys(app, reader);
  await app.register(swagger, {
    openapi: openapi(options.version),
    transform: jsonSchemaTransform,
  });
  registerMetrics(app, reader);
  registerHealth(app, reader);
  registerCardRoutes(app, reader);
  registerFhirRoutes(app, options);
  if (uploads !== null) registerUploadRoute(app, { ...uploads, reader });
  app.get("/openapi.json", {
    config: { access: "open" },
    schema: { hide: true },
    handler: async (_request, reply) =>
      reply.type("application/json; charset=utf-8").send(app.swagger()),
  });
  logRequests(app, logger);
  let stopSealing = async (): Promise<void> => undefined;
  app.addHook("onListen", async () => {
    stopSealing = sealEachSecond(reader, logger);
  });
  app.addHook("onClose", async () => await stopSealing());
  await app.ready();
  return app;
}

/** Like a query string, a name that comes twice has a list for its value. */
function readForm(body: string): Readonly<Record<string, string | readonly string[]>> {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Nothing of ours may be kept by a cache, framed, or run a script. */
function secureHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });
}

/** The pattern of the route, never the address: that may hold a name or a number. */
function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook("onResponse", async (request, reply) => {
    const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
    const ms = Math.round(reply.elapsedTime);
    logger.info(
      { method: request.method, route, status: reply.statusCode, ms },
      "request answered",
    );
  });
}

function openapi(version: string) {
  return {
    openapi: "3.1.0" as const,
    info: {
      title: "HIMS",
      version,
      description:
        "Reads people and their health records as FHIR R4. Every read stands in the access log.",
    },
    components: {
      securitySchemes: {
        bearer: { type: "http" as const, scheme: "bearer" },
        header: { type: "apiKey" as const, name: "X-API-Key", in: "header" as const },
      },
    },
  };
}
