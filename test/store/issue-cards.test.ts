/** Cards from people in a real store: everyone once, broken batches finished with the same cards, nothing overwritten. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { issueCards } from "../../src/pipelines/issue-cards.ts";
import { linkPersons } from "../../src/pipelines/link.ts";
import { verifyInStore } from "../../src/pipelines/verify-card.ts";
import { type TestDatabase, withDatabase } from "../support/database.ts";
import { aFeed, type TestFeed } from "../support/ingest-run.ts";

const pipelineYaml = `
version: 1
name: ward
facility: { id: WARD, name: Ward }
source: { type: csv, at: ward.csv }
fields: { mrn: No, name: Name, nameLocal: Naam, sex: Sex, birthDate: Born, deceasedAt: Died, phone: Mobile }
`;
const header = "No,Name,Naam,Sex,Born,Died,Mobile\n";
const rows = [
  "1,Asha Rani,आशा रानी,F,02/03/1980,,9811111111",
  "2,Vikram Singh,,M,04/05/1975,,9822222222",
  "3,Late Person,,M,04/05/1935,01/01/2026,",
];

let store: TestDatabase;
let feed: TestFeed;
let out: string;
const all = { facility: null, since: null, healthIds: null };

async function load(lines: readonly string[]): Promise<void> {
  feed.write("ward.csv", `${header}${lines.join("\n")}\n`);
  await feed.run(feed.pipeline(pipelineYaml));
  await linkPersons(feed.context);
}

beforeEach(async () => {
  store = await withDatabase();
  feed = aFeed(store.database);
  mkdirSync(join(feed.folder, ".hims", "keys"), { recursive: true });
  out = join(feed.folder, "cards");
  await load(rows);
});

test("everyone alive gets one card, a second run makes none, and each is accepted", async () => {
  const made = await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  expect(made).toMatchObject({ cards: 2, pages: 2, held: { deceased: 1 } });
  for (const { path } of made.files) expect(existsSync(path)).toBe(true);
  expect(readFileSync(made.manifest ?? "", "utf8")).not.toMatch(/Asha|Vikram/);

  const again = await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  expect(again).toMatchObject({ batch: null, cards: 0, files: [] });

  const tokens = await store.reader.rows<{ token: string }>("select token from card");
  for (const { token } of tokens) {
    expect(await verifyInStore(token, store.reader, feed.context.clock.now())).toMatchObject({
      reason: "ok",
      status: "active",
    });
    const altered = `${token.slice(0, -3)}${token.at(-3) === "0" ? "1" : "0"}${token.slice(-2)}`;
    expect((await verifyInStore(altered, store.reader, feed.context.clock.now())).valid).toBe(
      false,
    );
  }
});

test("a batch that was broken off is finished with the same cards", async () => {
  const stop = new AbortController();
  stop.abort();
  const broken = issueCards(
    { layout: "cr80", out, selection: all },
    { ...feed.context, signal: stop.signal },
  );
  await expect(broken).rejects.toThrow();
  const owed = await store.reader.rows<{ serial: bigint }>(
    "select serial from card order by serial",
  );
  expect(owed).toHaveLength(2);

  const made = await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  expect(made.cards).toBe(2);
  expect(await store.reader.rows("select serial from card order by serial")).toEqual(owed);
});

test("the same cards give the same bytes", async () => {
  const made = await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  await store.database.writer.rows("update card_batch set state = 'making'");
  const elsewhere = join(feed.folder, "again");
  const again = await issueCards({ layout: "cr80", out: elsewhere, selection: all }, feed.context);
  expect(again.files.map(({ sha256 }) => sha256)).toEqual(made.files.map(({ sha256 }) => sha256));
});

test("a second batch in one folder overwrites nothing of the first", async () => {
  const first = await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  await load([...rows, "4,Meena Kumari,मीना कुमारी,F,06/07/1990,,9833333333"]);
  const second = await issueCards({ layout: "a4", out, selection: all }, feed.context);
  expect(second).toMatchObject({ cards: 1, pages: 1 });
  expect(
    readdirSync(out)
      .filter((name) => name.startsWith("fronts-"))
      .sort(),
  ).toEqual(["fronts-0001.pdf", "fronts-0002.pdf"]);
  expect(first.manifest).not.toBe(second.manifest);
});

test("people of one merge keep one active card, and the other's is superseded", async () => {
  await issueCards({ layout: "cr80", out, selection: all }, feed.context);
  const [lo, hi] = await store.reader.rows<{ record_id: bigint }>(
    "select record_id from patient_record where id_value in ('1', '2') order by record_id",
  );
  await store.database.writer.rows(
    "insert into decision (decision_id, kind, lo, hi, source, actor, made_at) values (gen_random_uuid(), 'link', $1, $2, 'human', 'test', now())",
    [lo?.record_id, hi?.record_id],
  );
  await linkPersons(feed.context);
  const states = await store.reader.rows<{ state: string }>(
    "select state from card order by state",
  );
  expect(states.map(({ state }) => state)).toEqual(["active", "superseded"]);
  const persons = await store.reader.rows(
    "select person_id from person where state = 'merged' and merged_into is not null",
  );
  expect(persons).toHaveLength(1);
});
