import { expect, test } from "vitest";
import { worldFailureOf } from "./failure.ts";

test.each([
  ["53100", "HIMS_DISK_FULL"],
  ["ENOSPC", "HIMS_DISK_FULL"],
  ["EDQUOT", "HIMS_DISK_FULL"],
  ["57014", "HIMS_DATABASE_CANCELED"],
  ["57P01", "HIMS_DATABASE_UNREACHABLE"],
  ["ECONNRESET", "HIMS_DATABASE_UNREACHABLE"],
] as const)("%s is the world's fault, and tells so without the driver's text", (code, told) => {
  const failure = worldFailureOf(Object.assign(new Error("Asha Devi, 1980"), { code }));

  expect(failure).toMatchObject({ code: told, kind: "unreachable" });
  expect(`${failure?.message} ${failure?.hint}`).not.toContain("Asha");
});

test("a quota of the server, for which PostgreSQL has no code, is a full disk", () => {
  const message = 'could not extend file "base/5/16402": Disk quota exceeded';
  const refused = Object.assign(new Error(message), { code: "XX000" });

  expect(worldFailureOf(refused)).toMatchObject({ code: "HIMS_DISK_FULL" });
  expect(worldFailureOf(Object.assign(new Error("bug"), { code: "XX000" }))).toBeNull();
});

test("a value that the database refuses is a bug, not the world's fault", () => {
  const refused = Object.assign(new Error("Failing row contains"), { code: "23514" });

  expect(worldFailureOf(refused)).toBeNull();
});
