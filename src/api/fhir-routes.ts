/** The table of FHIR routes: the routes and the CapabilityStatement are both made from it. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type ResourceCapability, toCapabilityStatement } from "../fhir/capability-statement.ts";
import type { Clock } from "../platform/clock.ts";
import type { Reader } from "../store/database.ts";
import { fhirJson } from "./failure.ts";
import { baseOf, readEverything, readPatient, searchPatients } from "./patient-routes.ts";
import { everythingSchema, type PatientSearch, patientSearchSchema } from "./search-request.ts";

export interface FhirContext {
  readonly reader: Reader;
  readonly clock: Clock;
  /** Of this program, for the CapabilityStatement. */
  readonly version: string;
}

const bundle = z.looseObject({ resourceType: z.literal("Bundle") }).describe("FHIR R4 Bundle");
const patient = z.looseObject({ resourceType: z.literal("Patient") }).describe("FHIR R4 Patient");
export const outcome = z
  .looseObject({ resourceType: z.literal("OperationOutcome") })
  .describe("FHIR R4 OperationOutcome");
const params = z.object({ id: z.string() });
const refusals = { 400: outcome, 401: outcome, 403: outcome, 404: outcome, 503: outcome };
const access = { access: { scope: "patient.read" } } as const;
const security = [{ bearer: [] }, { header: [] }];

const typeOf: Readonly<Record<string, "token" | "date" | "string">> = {
  _id: "token",
  identifier: "token",
  birthdate: "date",
  phone: "token",
  name: "string",
};

/** What is said of Patient in the CapabilityStatement; the search parameters are those of the search's own schema. */
const patientCapability: ResourceCapability = {
  type: "Patient",
  interactions: ["read", "search-type"],
  searchParameters: Object.entries(patientSearchSchema.shape).flatMap(([name, schema]) => {
    const type = typeOf[name];
    return type === undefined ? [] : [{ name, type, documentation: schema.description ?? name }];
  }),
  operations: [
    {
      name: "everything",
      definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
      documentation: "All records of the person; takes _count.",
    },
  ],
};

export function registerFhirRoutes(app: FastifyInstance, context: FhirContext): void {
  const { reader } = context;
  app.get("/fhir/metadata", {
    config: { access: "open" },
    schema: { tags: ["FHIR"], summary: "CapabilityStatement" },
    handler: async (request, reply) =>
      reply.type(fhirJson).send(
        toCapabilityStatement([patientCapability], {
          version: context.version,
          base: baseOf(request),
          date: context.clock.now().toISOString(),
        }),
      ),
  });
  app.get("/fhir/Patient/:id", {
    config: access,
    schema: {
      tags: ["FHIR"],
      summary: "Read a Patient",
      security,
      params,
      response: { 200: patient, ...refusals },
    },
    handler: async (request, reply) =>
      reply.type(fhirJson).send(await readPatient(reader, request, reply)),
  });
  app.get("/fhir/Patient", {
    config: access,
    schema: {
      tags: ["FHIR"],
      summary: "Search for Patients",
      security,
      querystring: patientSearchSchema,
      response: { 200: bundle, ...refusals },
    },
    handler: async (request, reply) =>
      reply
        .type(fhirJson)
        .send(await searchPatients(reader, request, request.query as PatientSearch)),
  });
  app.post("/fhir/Patient/_search", {
    config: access,
    schema: {
      tags: ["FHIR"],
      summary: "Search for Patients without parameters in the address",
      security,
      consumes: ["application/x-www-form-urlencoded"],
      body: patientSearchSchema,
      querystring: z.strictObject({}),
      response: { 200: bundle, ...refusals },
    },
    handler: async (request, reply) =>
      reply
        .type(fhirJson)
        .send(await searchPatients(reader, request, request.body as PatientSearch)),
  });
  app.get("/fhir/Patient/:id/$everything", {
    config: access,
    schema: {
      tags: ["FHIR"],
      summary: "Everything known of a person",
      security,
      params,
      querystring: everythingSchema,
      response: { 200: bundle, ...refusals },
    },
    handler: async (request, reply) =>
      reply.type(fhirJson).send(await readEverything(reader, request)),
  });
}
