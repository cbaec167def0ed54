/** Facilities and the assigning authorities each of them owns. */
import { HimsError } from "../platform/errors.ts";
import type { FacilityId } from "../platform/ids.ts";
import type { Reader, Transaction } from "./database.ts";

export interface Facility {
  readonly id: FacilityId;
  readonly name: string;
  readonly ownership: "delhi_govt" | "central" | "civic" | "private" | null;
  readonly kind: "hospital" | "polyclinic" | "dispensary" | "mohalla_clinic" | null;
  readonly state: "active" | "paused";
  readonly timeZone: string;
  readonly authorities: readonly string[];
}

const columns = `f.facility_id as id, f.name, f.ownership, f.kind, f.state, f.time_zone as "timeZone",
  coalesce((select array_agg(a.authority order by a.authority) from assigning_authority a where a.facility_id = f.facility_id), '{}') as authorities`;

export function listFacilities(reader: Reader): Promise<Facility[]> {
  return reader.rows<Facility>(`select ${columns} from facility f order by f.facility_id`);
}

export async function findFacility(reader: Reader, id: string): Promise<Facility | null> {
  const [facility] = await reader.rows<Facility>(
    `select ${columns} from facility f where f.facility_id = $1`,
    [id],
  );
  return facility ?? null;
}

/** Registers a facility; one that is there already keeps its record. Answers whether it is new. */
export async function addFacility(
  tx: Transaction,
  facility: Omit<Facility, "state">,
  createdAt: Date,
): Promise<boolean> {
  const added = await tx.rows(
    `insert into facility (facility_id, name, ownership, kind, time_zone, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (facility_id) do nothing returning facility_id`,
    [facility.id, facility.name, facility.ownership, facility.kind, facility.timeZone, createdAt],
  );
  await addAuthorities(tx, facility.id, facility.authorities);
  return added.length === 1;
}

/** Pauses a facility, or lets it go on. Answers whether there is such a facility. */
export async function setFacilityState(
  tx: Transaction,
  id: string,
  state: Facility["state"],
): Promise<boolean> {
  const changed = await tx.rows(
    "update facility set state = $2 where facility_id = $1 returning facility_id",
    [id, state],
  );
  return changed.length === 1;
}

/** An authority has one owner: two facilities that claim one number range would merge each other's patients. */
async function addAuthorities(
  tx: Transaction,
  id: FacilityId,
  authorities: readonly string[],
): Promise<void> {
  if (authorities.length === 0) return;
  await tx.rows(
    "insert into assigning_authority (authority, facility_id) select unnest($1::text[]), $2 on conflict (authority) do nothing",
    [authorities, id],
  );
  const foreign = await tx.rows<{ authority: string; facility_id: string }>(
    "select authority, facility_id from assigning_authority where authority = any($1) and facility_id <> $2",
    [authorities, id],
  );
  const [first] = foreign;
  if (first === undefined) return;
  throw new HimsError("HIMS_AUTHORITY_TAKEN", {
    kind: "usage",
    message: `the assigning authority ${first.authority} belongs to facility ${first.facility_id}`,
    hint: "Give each authority to one facility; ask both which of them hands out the numbers.",
  });
}
