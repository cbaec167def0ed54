import { expect, test } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { appendAccess, checkAccessChain, sealAccessLog } from "../../src/store/access-log.ts";
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from "../../src/store/api-keys.ts";
import { withDatabase } from "../support/database.ts";
import { openOwnerRole, openReaderRole } from "../support/reader-role.ts";
import { ramesh, sunita } from "../support/small-hospital.ts";

const actor: Actor = { who: "cli:clerk", purpose: "operations" };

test("a reader leaves a line for each person shown, and one when nobody was", async () => {
  const { address, reader: everything } = await withDatabase();
  const reader = openReaderRole(address);
  const access = { actor, action: "search", resource: "Patient?name" } as const;

  await appendAccess(reader, { ...access, outcome: "ok", persons: [sunita, ramesh] });
  await appendAccess(reader, { ...access, outcome: "not_found", persons: [] });

  const lines = await everything.rows(
    "select actor, purpose, person_id, outcome from access_log order by entry_id",
  );
  expect(lines).toEqual([
    { actor: "cli:clerk", purpose: "operations", person_id: sunita, outcome: "ok" },
    { actor: "cli:clerk", purpose: "operations", person_id: ramesh, outcome: "ok" },
    { actor: "cli:clerk", purpose: "operations", person_id: null, outcome: "not_found" },
  ]);
});

test("a reader can neither change nor write the log by other ways", async () => {
  const { address } = await withDatabase();
  const reader = openReaderRole(address);

  for (const statement of [
    "update access_log set actor = 'x'",
    "delete from access_log",
    "insert into access_seal values (1, 1, '', '', now())",
    "insert into api_key values ('a', '', '', '{}', null, now(), null)",
  ]) {
    await expect(reader.rows(statement)).rejects.toMatchObject({ code: "42501" });
  }
});

test("two sealers at once seal every line once, in a chain without a gap", async () => {
  const { address, reader: everything } = await withDatabase();
  const reader = openReaderRole(address);
  const access = {
    actor,
    action: "show",
    resource: "Patient",
    outcome: "ok",
    persons: [sunita],
  } as const;

  for (let round = 0; round < 3; round += 1) {
    await appendAccess(reader, access);
    await Promise.all([sealAccessLog(reader), sealAccessLog(reader)]);
  }

  const seals = await everything.rows(`
    select seal_no::int as no, entries::int as entries, coalesce(lag(hash) over (order by seal_no), '\\x00') = previous_hash as linked
    from access_seal order by seal_no`);
  expect(seals).toEqual([1, 2, 3].map((no) => ({ no, entries: 1, linked: true })));
  expect(await sealAccessLog(reader)).toBe(0);
});

test("a key is stored as a hash, listed without it, and dead once revoked", async () => {
  const { database } = await withDatabase();
  const { writer } = database;
  const at = new Date("2026-03-01T00:00:00Z");

  const made = await createApiKey(writer, { label: "lab", scopes: ["patient.read"] }, at);

  const dump = await writer.rows<{ row: string }>("select api_key::text as row from api_key");
  expect(dump[0]?.row).not.toContain(made.key.slice(-48));
  expect(await findApiKey(writer, made.id)).toMatchObject({
    isRevoked: false,
    scopes: ["patient.read"],
  });
  expect(await listApiKeys(writer)).toEqual([
    {
      id: made.id,
      label: "lab",
      scopes: ["patient.read"],
      facility: null,
      createdAt: at.toISOString(),
      revokedAt: null,
    },
  ]);
  await revokeApiKey(writer, made.id, at);
  expect(await findApiKey(writer, made.id)).toMatchObject({ isRevoked: true });
});

test("an unknown scope or key id is a mistake of usage", async () => {
  const { database } = await withDatabase();
  const { writer } = database;

  await expect(
    createApiKey(writer, { label: "", scopes: ["all"] }, new Date()),
  ).rejects.toMatchObject({ kind: "usage" });
  await expect(revokeApiKey(writer, "nope", new Date())).rejects.toMatchObject({
    code: "HIMS_KEY_UNKNOWN",
  });
});

test("a line that was changed, taken out or put in shows in the chain, and so does a missing seal", async () => {
  const { address, reader: everything } = await withDatabase();
  const reader = openReaderRole(address);
  const access = { actor, action: "show", resource: "Patient", outcome: "ok" } as const;
  for (const persons of [[sunita], [ramesh], [sunita, ramesh]]) {
    await appendAccess(reader, { ...access, persons });
    await sealAccessLog(reader);
  }
  expect(await checkAccessChain(reader, 100)).toEqual({ seals: 3, broken: [] });
  expect((await checkAccessChain(reader, 1)).broken).toEqual([]);

  const owner = openOwnerRole(address);
  const tampered = async (statement: string) => {
    await owner.rows("begin");
    await owner.rows(statement);
    const { broken } = await checkAccessChain(owner, 100);
    await owner.rows("rollback");
    return broken;
  };
  expect(await tampered("update access_log set actor = 'nobody' where seal_no = 2")).toEqual([2n]);
  expect(await tampered("delete from access_log where seal_no = 1")).toEqual([1n]);
  expect(
    await tampered(
      "insert into access_log (at, actor, purpose, action, resource, outcome, seal_no) values (now(), 'x', 'x', 'x', 'x', 'ok', 3)",
    ),
  ).toEqual([3n]);
  expect(await tampered("delete from access_seal where seal_no = 2")).toEqual([3n]);
  expect(await everything.rows("select 1 from access_log where seal_no is null")).toEqual([]);
});

test("the writer can neither write the log directly nor make a function that the owner's would call", async () => {
  const { database } = await withDatabase();
  for (const statement of [
    "insert into access_log (at, actor, purpose, action, resource, outcome) values (now(), 'x', 'x', 'x', 'x', 'ok')",
    "update access_log set seal_no = null",
    "create function public.clock_timestamp() returns timestamptz language sql as 'select now()'",
    "create table public.mine (a int)",
  ]) {
    await expect(database.writer.rows(statement)).rejects.toMatchObject({ code: "42501" });
  }
});
