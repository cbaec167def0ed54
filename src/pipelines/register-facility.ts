/** Registering a facility, and letting it pause and go on. */
import type { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";
import { suggestionOr } from "../platform/suggestion.ts";
import type { Database, Reader } from "../store/database.ts";
import {
  addFacility,
  type Facility,
  findFacility,
  listFacilities,
  setFacilityState,
} from "../store/facilities.ts";
import { facilitySchema } from "./pipeline-file.ts";

/** As typed by a person; checked by the same schema as `facility:` of a pipeline file. */
export type FacilityInput = z.input<typeof facilitySchema>;

/** @throws HimsError HIMS_FACILITY_INVALID, HIMS_FACILITY_EXISTS, HIMS_AUTHORITY_TAKEN */
export async function registerFacility(
  database: Database,
  input: FacilityInput,
  clock: Clock,
): Promise<Facility> {
  const checked = facilitySchema.safeParse(input);
  if (!checked.success) throw invalid(checked.error);
  const facility = { ...checked.data, id: checked.data.id as Facility["id"] };
  await database.transaction(async (tx) => {
    if (await addFacility(tx, facility, clock.now())) return;
    throw new HimsError("HIMS_FACILITY_EXISTS", {
      kind: "usage",
      message: `the facility ${facility.id} is registered already; nothing was changed`,
      hint: `See it with: hims facility show ${facility.id}`,
    });
  });
  return requireFacility(database.writer, facility.id);
}

/** @throws HimsError HIMS_FACILITY_UNKNOWN */
export async function requireFacility(reader: Reader, id: string): Promise<Facility> {
  const facility = await findFacility(reader, id);
  if (facility === null) throw await unknown(reader, id);
  return facility;
}

/** While paused, runs of the facility's pipelines are refused. @throws HimsError HIMS_FACILITY_UNKNOWN */
export async function changeFacilityState(
  database: Database,
  id: string,
  state: Facility["state"],
): Promise<Facility> {
  await database.transaction((tx) => setFacilityState(tx, id, state));
  return requireFacility(database.writer, id);
}

async function unknown(reader: Reader, id: string): Promise<HimsError> {
  const ids = (await listFacilities(reader)).map((facility) => facility.id);
  return new HimsError("HIMS_FACILITY_UNKNOWN", {
    kind: "usage",
    message: "there is no facility with this id",
    hint: suggestionOr(id, ids, "`hims facility list` shows them all."),
  });
}

function invalid(error: z.ZodError): HimsError {
  const [issue] = error.issues;
  return new HimsError("HIMS_FACILITY_INVALID", {
    kind: "usage",
    message: `${String(issue?.path[0] ?? "facility")}: ${issue?.message ?? "not valid"}`,
    hint: "`hims facility add --help` shows what it takes.",
  });
}
