/** What the API can do, told by the very table its routes are made from. */
import { type Json, present } from "./resource.ts";

export interface SearchParameter {
  readonly name: string;
  readonly type: "string" | "token" | "date" | "number";
  readonly documentation: string;
}

export interface ResourceCapability {
  readonly type: string;
  readonly interactions: readonly ("read" | "search-type")[];
  readonly searchParameters: readonly SearchParameter[];
  readonly operations: readonly {
    readonly name: string;
    readonly definition: string;
    readonly documentation: string;
  }[];
}

export interface CapabilityOptions {
  readonly version: string;
  readonly base: string;
  /** ISO 8601 time of the statement. */
  readonly date: string;
}

export function toCapabilityStatement(
  resources: readonly ResourceCapability[],
  { version, base, date }: CapabilityOptions,
): Readonly<Record<string, Json>> {
  return {
    resourceType: "CapabilityStatement",
    ...present({
      status: "active",
      date,
      kind: "instance",
      software: { name: "HIMS", version },
      implementation: { description: "Master patient index and health record", url: base },
      fhirVersion: "4.0.1",
      format: ["application/fhir+json", "json"],
      rest: [
        {
          mode: "server",
          security: {
            description:
              "An API key in `Authorization: Bearer` or `X-API-Key`, with the scope patient.read.",
          },
          resource: resources.map((capability) => ({
            type: capability.type,
            interaction: capability.interactions.map((code) => ({ code })),
            searchParam: capability.searchParameters.map(({ name, type, documentation }) => ({
              name,
              type,
              documentation,
            })),
            operation: capability.operations.map(({ name, definition, documentation }) => ({
              name,
              definition,
              documentation,
            })),
          })),
        },
      ],
    }),
  };
}
