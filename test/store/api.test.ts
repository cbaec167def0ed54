import type { FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { buildServer } from "../../src/api/server.ts";
import type { Logger } from "../../src/platform/logger.ts";
import { createApiKey } from "../../src/store/api-keys.ts";
import type { Reader } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { openReaderRole } from "../support/reader-role.ts";
import {
  healthIds,
  loadSmallHospital,
  ramesh,
  retired,
  sunita,
  sunitaOld,
} from "../support/small-hospital.ts";

interface Reference {
  readonly reference?: string;
}
interface BundleBody {
  readonly resourceType: string;
  readonly total: number;
  readonly link: readonly { relation: string; url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search: { readonly mode: string };
  }[];
}

interface Door {
  readonly app: FastifyInstance;
  readonly all: Reader;
  readonly logged: object[];
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, payload: string): Promise<Answer>;
}
interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  json<T = BundleBody>(): T;
}

const clock = { now: () => new Date("2026-03-02T00:00:00Z") };

async function openDoor(scopes: readonly string[] = ["patient.read"]): Promise<Door> {
  const { address, database } = await withDatabase();
  await loadSmallHospital(database.writer);
  const { key } = await createApiKey(database.writer, { label: "test", scopes }, clock.now());
  const logged: object[] = [];
  const note = (fields: object) => void logged.push(fields);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const reader = openReaderRole(address);
  const app = await buildServer({ reader, logger, clock, version: "0.1.0" });
  onTestFinished(async () => await app.close());
  const authorization = `Bearer ${key}`;
  return {
    app,
    all: database.writer,
    logged,
    get: async (url, headers = {}) =>
      await app.inject({ url, headers: { authorization, ...headers } }),
    post: async (url, payload) =>
      await app.inject({
        method: "POST",
        url,
        payload,
        headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
      }),
  };
}

function expectOutcome(answer: Answer, status: number, code: string): void {
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/fhir\+json/);
  expect(answer.json<object>()).toMatchObject({
    resourceType: "OperationOutcome",
    issue: [{ code }],
  });
}

test("a Patient is read with identifiers, both names, exact birth date, and its line in the access log", async () => {
  const { get, all } = await openDoor();

  const answer = await get(`/fhir/Patient/${sunita}`, { "x-purpose-of-use": "treatment" });

  expect(answer.statusCode).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/fhir\+json/);
  expect(answer.json<object>()).toMatchObject({
    resourceType: "Patient",
    id: sunita,
    meta: { versionId: "20260301-101112-abcdef", lastUpdated: "2026-03-01T10:11:12Z" },
    active: true,
    gender: "female",
    birthDate: "1984-05-02",
    identifier: [
      { system: "urn:hims:health-id", value: healthIds.sunita },
      { system: "urn:hims:facility:lnjp", value: "LN-1", type: { coding: [{ code: "MR" }] } },
      { system: "https://healthid.abdm.gov.in", value: "91123456789012" },
      { system: "urn:hims:facility:mcd_7", value: "77" },
    ],
    name: [
      { use: "official", text: "SUNITA DEVI" },
      { use: "usual", text: "सुनीता देवी" },
    ],
  });
  expect(answer.body).not.toContain("dead");
  expect(await all.rows("select purpose, action, person_id, outcome from access_log")).toEqual([
    { purpose: "treatment", action: "read", person_id: sunita, outcome: "ok" },
  ]);
});

test("a merged Patient points at the survivor, a retired one is inactive, nobody is 404", async () => {
  const { get } = await openDoor();

  expect((await get(`/fhir/Patient/${sunitaOld}`)).json<object>()).toEqual({
    resourceType: "Patient",
    id: sunitaOld,
    meta: expect.anything(),
    active: false,
    link: [{ other: { reference: `Patient/${sunita}` }, type: "replaced-by" }],
  });
  expect((await get(`/fhir/Patient/${retired}`)).json<object>()).toMatchObject({ active: false });
  expectOutcome(await get("/fhir/Patient/00000000-0000-4000-8000-0000000000ff"), 404, "not-found");
  expectOutcome(await get("/fhir/Patient/x"), 404, "not-found");
});

test("a search finds by identifier, name and birth date, and says how many there are", async () => {
  const { get, all } = await openDoor();
  const ids = async (query: string) => {
    const bundle = (await get(`/fhir/Patient?${query}`)).json();
    expect(bundle.total).toBe(bundle.entry?.length ?? 0);
    return (bundle.entry ?? []).map(({ resource }) => resource.id);
  };

  expect(await ids("identifier=urn:hims:facility:lnjp%7CLN-1")).toEqual([sunita]);
  expect(await ids("identifier=LN-1,LN-3")).toEqual([sunita, ramesh]);
  expect(await ids("name=devi")).toEqual([sunita]);
  expect(await ids("birthdate=1984&name=kumar")).toEqual([ramesh]);
  expect(await ids(`_id=${ramesh},nonsense`)).toEqual([ramesh]);
  expect(await ids("name=nobody")).toEqual([]);
  const lines = await all.rows(
    "select resource, person_id, outcome from access_log order by entry_id",
  );
  expect(lines.slice(-2)).toEqual([
    { resource: "Patient?_id", person_id: ramesh, outcome: "ok" },
    { resource: "Patient?name", person_id: null, outcome: "not_found" },
  ]);
});

test("a posted search finds the same, and its links turn all pages", async () => {
  const { get, post } = await openDoor();

  const first = await post("/fhir/Patient/_search", "birthdate=1984&_count=1");
  const bundle = first.json();
  const next = bundle.link.find(({ relation }) => relation === "next")?.url ?? "";
  const second = (await get(next.replace(/^http:\/\/[^/]+/, ""))).json();

  expect([bundle, second].map((one) => [one.total, one.entry?.[0]?.resource.id])).toEqual([
    [2, sunita],
    [2, ramesh],
  ]);
  expect(second.link.map(({ relation }) => relation)).toEqual(["self"]);
});

test.each([
  ["", "required"],
  ["?_count=5", "required"],
  ["?gendr=male", "invalid"],
  ["?name=a&name=b", "invalid"],
  ["?name:exact=devi", "invalid"],
  ["?birthdate=02/05/1984", "value"],
  ["?name=devi&page=zzz", "value"],
  ["?name=devi&_format=xml", "invalid"],
])("the Patient search %j is refused", async (query, code) => {
  const { get } = await openDoor();

  expectOutcome(await get(`/fhir/Patient${query}`), 400, code);
});

test("everything holds all nine kinds, the facilities, and all that its references name", async () => {
  const { get } = await openDoor();

  const bundle = (await get(`/fhir/Patient/${sunitaOld}/$everything`)).json();

  const entries = bundle.entry ?? [];
  const types = new Set(entries.map(({ resource }) => resource.resourceType));
  expect([...types].sort()).toEqual([
    ...["AllergyIntolerance", "Appointment", "Condition", "DiagnosticReport", "Encounter"],
    ...["Immunization", "MedicationStatement", "Observation", "Organization", "Patient"],
    "Procedure",
  ]);
  expect(bundle.total).toBe(entries.length);
  expect(unresolved(bundle)).toEqual([]);
  expect(
    entries.find(({ resource }) => resource.resourceType === "Observation")?.resource,
  ).toMatchObject({
    meta: { source: "opd%20march%231.csv#102" },
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "718-7" }] },
    valueQuantity: { value: 11.2, unit: "g/dL" },
    encounter: { reference: "Encounter/1-1" },
  });
});

test.each([1, 2, 5, 100])(
  "everything by pages of %i holds each resource once, and every page resolves",
  async (size) => {
    const { get } = await openDoor();
    const seen: string[] = [];
    let url: string | undefined = `/fhir/Patient/${sunita}/$everything?_count=${size}`;
    let total = 0;

    while (url !== undefined) {
      const bundle: BundleBody = (await get(url)).json();
      const matches = (bundle.entry ?? []).filter(({ search }) => search.mode === "match");
      expect(matches.length).toBeLessThanOrEqual(size);
      expect(unresolved(bundle)).toEqual([]);
      seen.push(...matches.map(({ fullUrl }) => fullUrl));
      total = bundle.total;
      url = bundle.link
        .find(({ relation }) => relation === "next")
        ?.url.replace(/^http:\/\/[^/]+/, "");
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(total);
  },
);

function unresolved(bundle: BundleBody): readonly string[] {
  const there = new Set(
    bundle.entry?.map(({ resource }) => `${resource.resourceType}/${resource.id}`),
  );
  const references: string[] = [];
  JSON.stringify(bundle, (_, value: unknown) => {
    const { reference } = (typeof value === "object" && value !== null ? value : {}) as Reference;
    if (reference !== undefined) references.push(reference);
    return value;
  });
  return references.filter((reference) => !there.has(reference));
}

test("without a good key nothing is read", async () => {
  const { app, all } = await openDoor();

  for (const headers of [
    {},
    { authorization: "Bearer hims_0" },
    { "x-api-key": `hims_${"0".repeat(12)}_${"0".repeat(48)}` },
  ]) {
    expectOutcome(await app.inject({ url: `/fhir/Patient/${sunita}`, headers }), 401, "login");
    expectOutcome(await app.inject({ url: "/nothing", headers }), 401, "login");
  }
  expect(await all.rows("select from access_log")).toEqual([]);
});

test("a key without the scope is refused, which the access log tells", async () => {
  const { get, all } = await openDoor(["metrics.read"]);

  expectOutcome(await get(`/fhir/Patient/${sunita}`), 403, "forbidden");
  expect(await all.rows("select action, outcome from access_log")).toEqual([
    { action: "read", outcome: "denied" },
  ]);
});

test("a revoked key is refused at once", async () => {
  const { get, all } = await openDoor();
  await all.rows("update api_key set revoked_at = now()").catch(() => undefined);

  expectOutcome(await get(`/fhir/Patient/${sunita}`), 401, "login");
});

test("other methods and addresses, and broken requests, are answered by outcomes", async () => {
  const { app, get, post } = await openDoor();

  expectOutcome(await get("/fhir/Observation"), 404, "not-found");
  expectOutcome(await get("/fhir/Patient/%E0%A4%A"), 400, "invalid");
  expectOutcome(await post("/fhir/Patient", "{}"), 405, "not-supported");
  expectOutcome(await post("/fhir/Patient/_search", `name=${"x".repeat(70_000)}`), 413, "too-long");
  expectOutcome(
    await get(`/fhir/Patient/${sunita}`, { "x-purpose-of-use": "curiosity" }),
    400,
    "value",
  );
  expect((await app.inject({ url: "/fhir/metadata" })).statusCode).toBe(200);
});

test("an error within says nothing of its cause", async () => {
  const { logged } = await openDoor();
  const { address } = await withDatabase();
  const broken = openReaderRole({ ...address });
  const app = await buildServer({
    reader: { rows: async () => await broken.rows("select * from secret_of_sunita") },
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => void logged.push(fields),
    },
    clock,
    version: "0",
  });
  onTestFinished(async () => await app.close());

  const answer = await app.inject({
    url: "/fhir/Patient/x",
    headers: { "x-api-key": `hims_${"0".repeat(12)}_${"0".repeat(48)}` },
  });

  expectOutcome(answer, 500, "exception");
  expect(answer.body + JSON.stringify(logged)).not.toContain("sunita");
  expect(logged).toContainEqual({ status: 500, code: "42P01", route: "/fhir/Patient/:id" });
});

test("while the database is away the answer is 503, and metrics say so", async () => {
  const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const silent = () => undefined;
  const app = await buildServer({
    reader: { rows: async () => await Promise.reject(away) },
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock,
    version: "0",
  });
  onTestFinished(async () => await app.close());
  const key = `hims_${"0".repeat(12)}_${"0".repeat(48)}`;

  expect((await app.inject({ url: "/healthz" })).statusCode).toBe(503);
  const answer = await app.inject({ url: "/fhir/Patient?name=x", headers: { "x-api-key": key } });
  expectOutcome(answer, 503, "transient");
  expect(answer.headers["retry-after"]).toBe("5");
  expect((await app.inject({ url: "/metrics" })).body).toContain("hims_database_up 0");
});

test("metrics count by pipeline and route, for this machine or a key that may", async () => {
  const { app, get } = await openDoor();
  await get(`/fhir/Patient/${sunita}`);

  const { body } = await app.inject({ url: "/metrics" });

  expect(body).toContain('hims_pipeline_rows{pipeline="opd",outcome="loaded"} 3');
  expect(body).toContain("hims_persons 2");
  expect(body).toMatch(
    /hims_http_request_duration_seconds_count\{method="GET",route="\/fhir\/Patient\/:id",status="200"\} 1/,
  );
  expect(body).not.toContain(sunita);
  expectOutcome(await app.inject({ url: "/metrics", remoteAddress: "10.0.0.9" }), 401, "login");
  expectOutcome(
    await app.inject({ url: "/metrics", headers: { "x-forwarded-for": "10.0.0.9" } }),
    401,
    "login",
  );
});

test("what is open needs no key: health, metadata, OpenAPI, card keys, the card page", async () => {
  const { app } = await openDoor();
  const open = async (url: string) => await app.inject({ url });

  expect((await open("/healthz")).json()).toEqual({ status: "ok", database: "ok" });
  expect((await open("/fhir/metadata")).json()).toMatchObject({
    resourceType: "CapabilityStatement",
    fhirVersion: "4.0.1",
    rest: [
      { resource: [{ type: "Patient", interaction: [{ code: "read" }, { code: "search-type" }] }] },
    ],
  });
  const openapi = (await open("/openapi.json")).json<{
    openapi: string;
    paths: Record<string, object>;
  }>();
  expect(openapi.openapi).toBe("3.1.0");
  expect(Object.keys(openapi.paths)).toEqual(
    expect.arrayContaining([
      "/fhir/Patient",
      "/fhir/Patient/{id}",
      "/fhir/Patient/_search",
      "/healthz",
    ]),
  );
  expect((await open("/.well-known/hims-card-keys.json")).json()).toEqual({
    keys: [
      {
        kid: 1,
        x: Buffer.alloc(32, 0x11).toString("base64url"),
        nbf: "2026-01-01",
        naf: "2027-12-31",
        status: "active",
      },
    ],
  });
  const page = await open("/C");
  expect(page.headers["referrer-policy"]).toBe("no-referrer");
  expect(page.body).not.toMatch(/<script|src=/);
});

test("the log tells routes and never addresses", async () => {
  const { get, logged } = await openDoor();

  await get("/fhir/Patient?name=Devi");

  expect(logged).toContainEqual({
    method: "GET",
    route: "/fhir/Patient",
    status: 200,
    ms: expect.any(Number),
  });
  expect(JSON.stringify(logged)).not.toContain("Devi");
});
