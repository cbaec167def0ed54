/** A server at DATABASE_URL is somebody else's to start and stop. */
import { HimsError } from "../../platform/errors.ts";
import type { StoreLocation } from "../../store/database.ts";

/** @throws HimsError HIMS_DATABASE_FOREIGN */
export function refuseForeignServer({ databaseUrl }: StoreLocation): void {
  if (databaseUrl === null) return;
  throw new HimsError("HIMS_DATABASE_FOREIGN", {
    kind: "usage",
    message: "this workspace uses the server at DATABASE_URL, which HIMS neither starts nor stops",
    hint: "Start or stop it where it runs; `hims db status` shows whether it answers.",
  });
}
