/** A facility as a FHIR Organization. */
import { hash60 } from "../records/patient-record.ts";
import { type Resource, resource } from "./resource.ts";

/** FHIR allows 64 letters, digits, hyphens and dots in an id; other facility ids are hashed. */
export function organizationId(facility: string): string {
  return /^[A-Za-z0-9.-]{1,64}$/.test(facility) ? facility : `f-${hash60(facility).toString(36)}`;
}

export function toOrganization(facility: string, name: string): Resource {
  return resource("Organization", organizationId(facility), {
    identifier: [{ system: "urn:hims:facility", value: facility }],
    type: [
      {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/organization-type",
            code: "prov",
            display: "Healthcare Provider",
          },
        ],
      },
    ],
    name,
  });
}
