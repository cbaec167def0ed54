/** Who asks, and whether they may: API keys, their scopes, and the purpose of each request. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Actor, defaultPurpose, parsePurpose, purposes } from "../access/actor.ts";
import { apiKeyIdOf, isApiKey, type StoredApiKey } from "../access/api-key.ts";
import type { Scope } from "../access/scope.ts";
import { appendAccess } from "../store/access-log.ts";
import { findApiKey } from "../store/api-keys.ts";
import type { Reader } from "../store/database.ts";
import { RequestFailure } from "./failure.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route needs no key (true), none from this machine (`loopback`), or one with a scope. */
    readonly access?: "open" | { readonly scope: Scope; readonly openTo?: "loopback" };
  }
  interface FastifyRequest {
    /** Set once a key was accepted. */
    actor: Actor | null;
    /** Set once a key was accepted that is bound to this facility. */
    facilityId: string | null;
  }
}

/** Every route without an `access` of its own, and every address without a route, needs a key. */
export function requireKeys(app: FastifyInstance, reader: Reader): void {
  app.decorateRequest("actor", null);
  app.decorateRequest("facilityId", null);
  app.addHook("onRequest", async (request) => {
    const access = request.is404 ? undefined : request.routeOptions.config.access;
    if (access === "open") return;
    if (access?.openTo === "loopback" && isFromThisMachine(request)) return;
    const key = await authenticate(request, reader);
    const actor: Actor = { who: `key:${key.id}`, purpose: purposeOf(request) };
    if (!isAllowed(key, access?.scope ?? null, request)) {
      const resource = request.routeOptions.url ?? "unmatched";
      await appendAccess(reader, {
        actor,
        action: access?.scope === "upload" ? "upload" : "read",
        resource,
        outcome: "denied",
        persons: [],
      });
      throw new RequestFailure(403, "forbidden", refusalOf(key, access?.scope ?? null));
    }
    request.actor = actor;
    request.facilityId = key.facilityId;
  });
}

/** A key that is bound to a facility sends its files, and opens no other door. @param scope null: any key will do */
function isAllowed(key: StoredApiKey, scope: Scope | null, { params }: FastifyRequest): boolean {
  if (scope !== "upload")
    return key.facilityId === null && (scope === null || key.scopes.includes(scope));
  const id = typeof params === "object" && params !== null && "id" in params ? params.id : null;
  return key.scopes.includes("upload") && key.facilityId !== null && key.facilityId === id;
}

function refusalOf(key: StoredApiKey, scope: Scope | null): string {
  if (key.facilityId !== null)
    return "this key sends files of its own facility, and does nothing else";
  return `this key lacks the scope ${scope ?? ""}`;
}

/** The actor of a request that passed the hook. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null)
    throw new Error("a route that reads people was reached without a key");
  return request.actor;
}

async function authenticate(request: FastifyRequest, reader: Reader): Promise<StoredApiKey> {
  const text = keyTextOf(request);
  const id = text === null ? null : apiKeyIdOf(text);
  const stored = id === null ? null : await findApiKey(reader, id);
  if (text !== null && stored !== null && isApiKey(text, stored)) return stored;
  throw new RequestFailure(
    401,
    "login",
    text === null
      ? "send an API key as `Authorization: Bearer <key>` or `X-API-Key: <key>`"
      : "this API key is not known, or was revoked",
  );
}

function keyTextOf({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const own = headers["x-api-key"];
  return bearer ?? (typeof own === "string" ? own.trim() : null);
}

function purposeOf({ headers }: FastifyRequest): Actor["purpose"] {
  const text = headers["x-purpose-of-use"];
  if (text === undefined) return defaultPurpose;
  const purpose = parsePurpose(String(text));
  if (purpose.ok) return purpose.value;
  throw new RequestFailure(400, "value", `X-Purpose-Of-Use is one of ${purposes.join(", ")}`);
}

/** A request that a proxy on this machine passed on comes from elsewhere. */
export function isFromThisMachine({ headers, ip }: FastifyRequest): boolean {
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) return false;
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}
