// `npm run bench -- [NAME...] [--size N] [--rows N] [--repeat N] [--profile FOLDER] [--record]`
// prints one JSON line for each number; without names, every bench runs, one after the other.
import { parseArgs } from "node:util";
import { describeLoad, describeMachine } from "./machine.ts";
import { type Bench, type Measurement, ratioOf, rounded } from "./measurement.ts";
import { recordRun } from "./results-file.ts";
import { benchCards } from "./speed/cards.ts";
import { benchHl7 } from "./speed/hl7.ts";
import { benchIngest } from "./speed/ingest.ts";
import { benchLink } from "./speed/link.ts";
import { benchStart } from "./speed/start.ts";

const benches: Readonly<Record<string, Bench>> = {
  start: benchStart,
  ingest: benchIngest,
  link: benchLink,
  cards: benchCards,
  hl7: benchHl7,
};

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Rows, people, faces or messages, by the bench. */
    size: { type: "string" },
    /** The same under the name it has for `ingest`. */
    rows: { type: "string" },
    repeat: { type: "string", default: "3" },
    profile: { type: "string" },
    record: { type: "boolean", default: false },
  },
});

const names = positionals.length === 0 ? Object.keys(benches) : positionals;
const unknown = names.find((name) => benches[name] === undefined);
if (unknown !== undefined) {
  console.error(`no bench "${unknown}"; there are ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}

const options = {
  size: wholeNumber("--size", flags.rows ?? flags.size ?? null),
  repeats: wholeNumber("--repeat", flags.repeat) ?? 1,
  profiles: flags.profile ?? null,
};
const machine = describeMachine();
const measurements: Measurement[] = [];
for (const name of names) {
  for await (const measurement of benches[name]?.(options) ?? []) {
    measurements.push(measurement);
    print(measurement);
  }
}
if (flags.record) {
  const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
  recordRun({ at: new Date(), machine, load: describeLoad(), command, measurements });
}

function print(measurement: Measurement): void {
  const { name, value, unit, against, limit, note } = measurement;
  const line = {
    name,
    value: rounded(value),
    unit,
    against: against === null ? null : { ...against, value: rounded(against.value) },
    ratio: ratioOf(measurement),
    limit,
    note,
    machine,
    load: describeLoad(),
    at: new Date().toISOString(),
  };
  console.log(JSON.stringify(line));
}

function wholeNumber(flag: string, text: string | null): number | null {
  if (text === null) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`${flag} takes a whole number above 0`);
  return process.exit(2);
}
