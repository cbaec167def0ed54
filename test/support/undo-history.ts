/** Made-up histories of a small facility: runs of several pipelines over few patients, for tests of undo and of dry runs. */
import fc from "fast-check";
import { type IngestResult, ingest } from "../../src/pipelines/ingest.ts";
import type { RunContext } from "../../src/pipelines/run-context.ts";
import type { PersonId, RunId } from "../../src/platform/ids.ts";
import type { Database } from "../../src/store/database.ts";
import { everyDefault, fileTime } from "./ingest-context.ts";
import { aFeed } from "./ingest-run.ts";
import { type Replayed, type ReplayStep, replayStep, type Said } from "./undo-replays.ts";

const facility = "facility: { id: ddu, name: Test Hospital, authorities: [ddu] }";

/** The pipelines of a history; `opd2` and `opd3` are `opd` with a corrected map. */
export const pipelines = {
  opd: `
version: 1
name: opd
${facility}
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB, phone: Phone, seenAt: Seen }
`,
  opd2: `
version: 1
name: opd
${facility}
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, birthDate: DOB, phone: Phone, seenAt: Seen }
`,
  opd3: `
version: 1
name: opd
${facility}
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: { column: DOB, bad: ignore }, phone: Phone, seenAt: Seen }
`,
  lab: `
version: 1
name: lab
${facility}
source: { type: csv, at: . }
record: event
fields: { mrn: MRN, name: Name, eventKind: { value: observation }, eventId: Id, code: { value: 718-7 }, at: When, value: Value, unit: { value: g/dL } }
`,
  adt: `
version: 1
name: adt
${facility}
source: { type: hl7, at: . }
`,
} as const;
export type PipelineKey = keyof typeof pipelines;

export interface RunStep {
  readonly kind: "run";
  readonly pipeline: PipelineKey;
  readonly content: string;
  readonly full: boolean;
}
export type Step = RunStep | ReplayStep | { readonly kind: "cards" };

const mrn = fc.constantFrom("1", "2", "3");
const name = fc.constantFrom("Ram Lal", "Sita Devi");
/** One day in three cannot be read. */
const day = fc.constantFrom("05/02/1985", "06/02/1986", "31/31/1985");
const phone = fc.constantFrom("9811122231", "9811122232", "");
const seen = fc.constantFrom("", "01/03/2026", "02/03/2026");

export const opdFile = fc
  .array(fc.tuple(mrn, name, fc.constantFrom("M", "F"), day, phone, seen), {
    minLength: 1,
    maxLength: 4,
  })
  .map((rows) => `MRN,Name,Sex,DOB,Phone,Seen\n${rows.map((row) => row.join(",")).join("\n")}\n`);
const labFile = fc
  .array(
    fc.tuple(
      mrn,
      fc.constantFrom("", "Ram Lal"),
      fc.constantFrom("1", "2"),
      fc.constantFrom("01/03/2026", "02/03/2026", "99/99/2026"),
      fc.constantFrom("11", "12"),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((rows) => `MRN,Name,Id,When,Value\n${rows.map((row) => row.join(",")).join("\n")}\n`);

const time = fc.constantFrom("20260301100000", "20260301110000", "20260302090000");
const pid = (number: string, hl7Name: string) =>
  `PID|1||${number}^^^ddu^MR||${hl7Name}||19850205|M`;
const message = fc.oneof(
  fc.tuple(time, mrn, fc.constantFrom("Lal^Ram", "Devi^Sita")).map(([at, number, said]) => ({
    at,
    type: "ADT^A28",
    rest: [pid(number, said)],
  })),
  fc.tuple(time, mrn, mrn).map(([at, left, right]) => ({
    at,
    type: "ADT^A40",
    rest: [pid(left, "Lal^Ram"), `MRG|${right}^^^ddu^MR`],
  })),
  fc.tuple(time, mrn, fc.constantFrom("11.2", "11.9")).map(([at, number, value]) => ({
    at,
    type: "ORU^R01",
    rest: [
      pid(number, "Lal^Ram"),
      `OBR|1||F${number}|718-7^Haemoglobin^LN|||${at}`,
      `OBX|1|NM|718-7^Haemoglobin^LN||${value}|g/dL|||||F`,
    ],
  })),
  fc.constant({ at: "20260301100000", type: "ADT^A28", rest: ["PID|1||||Nobody^Known"] }),
);
const adtFile = fc
  .array(message, { minLength: 1, maxLength: 3 })
  .map((messages) =>
    messages
      .map(
        ({ at, type, rest }, index) =>
          `MSH|^~\\&|HIS|ddu|||${at}||${type}|${index + 1}|P|2.5\r${rest.join("\r")}\r`,
      )
      .join(""),
  );

const replays = fc.record({
  kind: fc.constant("replay" as const),
  pipeline: fc.constantFrom("opd", "opd", "opd3", "lab", "adt"),
  clerk: fc.option(fc.nat({ max: 4 }), { freq: 3 }),
});

const full = fc.boolean();
/** A file's content is often that of another run. */
function stepsFrom(opd: readonly string[]): fc.Arbitrary<Step> {
  const run = (pipeline: PipelineKey, content: fc.Arbitrary<string>) =>
    fc.record({
      kind: fc.constant("run" as const),
      pipeline: fc.constant(pipeline),
      content,
      full,
    });
  const known = fc.constantFrom(...opd);
  return fc.oneof(
    { weight: 4, arbitrary: run("opd", known) },
    { weight: 1, arbitrary: run("opd2", known) },
    { weight: 3, arbitrary: replays },
    { weight: 2, arbitrary: run("lab", labFile) },
    { weight: 3, arbitrary: run("adt", adtFile) },
    { weight: 1, arbitrary: fc.constant({ kind: "cards" as const }) },
  );
}

export const histories = fc
  .array(opdFile, { minLength: 2, maxLength: 3 })
  .chain((opd) => fc.array(stepsFrom(opd), { minLength: 3, maxLength: 8 }));

export interface HistoryStore {
  readonly context: RunContext;
  run(step: RunStep, options?: { dryRun: boolean }): Promise<IngestResult>;
  /** @param said what was replayed in another life of this history: only that */
  replay(step: ReplayStep, said?: Said): Promise<Replayed>;
}

/** A store whose clock goes on by a second each time it is asked, so that run ids have an order. */
export function aHistoryStore(database: Database): HistoryStore {
  const feed = aFeed(database);
  let seconds = 0;
  const clock = {
    now: () => {
      seconds += 1;
      return new Date(fileTime.getTime() + seconds * 1_000);
    },
  };
  const context = { ...feed.context, clock };
  return {
    context,
    replay: (step, said) => replayStep({ ...feed, context }, step, said),
    run: async (step, { dryRun } = { dryRun: false }) => {
      feed.write("file", step.content);
      const pipeline = feed.pipeline(pipelines[step.pipeline]);
      const file = `${feed.folder}/file`;
      return await ingest(pipeline, { ...everyDefault, file, full: step.full, dryRun }, context);
    },
  };
}

/** A card, printed, for everyone who has none; answers the serials. */
export async function issueTestCards(
  { database, clock }: RunContext,
  runId: RunId,
): Promise<readonly number[]> {
  const { writer } = database;
  await writer.rows(
    "insert into card_key values (1, '\\x00', '2026-01-01', '2030-01-01', 'published') on conflict do nothing",
  );
  await writer.rows(
    `insert into card_batch (batch_id, run_id, layout, out, first_file, state, created_at) values ($1, $1, 'a4', '/x', 1, 'made', $2)`,
    [runId, clock.now()],
  );
  const cards = await writer.rows<{ serial: number; person: PersonId }>(
    `insert into card (serial, person_id, health_id, issue, state, kid, token, face, issued_on, batch_id, seq, file, page)
     select (select coalesce(max(serial), 0) from card) + row_number() over (order by p.created_no), p.person_id, h.health_id,
       1 + (select count(*) from card c where c.person_id = p.person_id), 'active', 1, 't', '{}', '2026-11-20', $1,
       row_number() over (order by p.created_no), 'fronts-0001.pdf', 1
     from person p join health_id h on h.person_id = p.person_id and h.state = 'current'
     where p.state = 'active' and not exists (select from card c where c.person_id = p.person_id and c.state = 'active')
     returning serial::float8 as serial`,
    [runId],
  );
  return cards.map(({ serial }) => serial);
}

/** Takes everything out of a store but its facilities: quicker than another database. */
export async function clearStore({ writer }: Database): Promise<void> {
  const tables =
    "raw_chunk replayed_record source_file quarantine pipeline_run patient_record patient_record_version identifier clinical_event clinical_event_version edge decision review golden_value person_name_token person_member card card_batch health_id person";
  for (const table of tables.split(" ")) await writer.rows(`delete from ${table}`);
}
