/** A clinical register as a feed: rows of dated facts under the facility's patient numbers. */
import { type CsvLayout, csvText } from "./csv-table.ts";
import type { SyntheticFacility } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { type RegisterFact, registerRows } from "./register-row.ts";
import { writtenRecord } from "./written-record.ts";

/** What makes one register differ from another. */
export interface RegisterPlan {
  readonly pipeline: string;
  readonly facility: SyntheticFacility;
  readonly fileName: string;
  readonly description: string;
  readonly layout: Pick<CsvLayout, "delimiter" | "lineEnd" | "header" | "mrnColumn"> &
    Partial<CsvLayout>;
  readonly purpose: number;
  readonly mean: number;
  readonly cellsOf: (fact: RegisterFact) => readonly string[];
  /** `fields:` of the pipeline file, each line indented by two spaces. */
  readonly fields: string;
}

/** The feed of a register; its pipeline fills blanks of patients only (`record: event`). */
export function registerFeed(plan: RegisterPlan): Feed {
  const layout: CsvLayout = {
    titles: [],
    pageRows: null,
    total: null,
    impossibleBirth: null,
    ...plan.layout,
  };
  const { pipeline, facility, fileName, description } = plan;
  return {
    pipeline,
    facility,
    fileName,
    description,
    encoding: "utf-8",
    authorities: [],
    rules: `source:\n  type: csv\n  at: $PATH\n  dateOrder: dmy\nrecord: event\nfields:\n${plan.fields}`,
    write: (options, tally) => csvText(layout, registerRows(options, plan), tally),
  };
}

/** A register's own number: `OT/000042`. */
export function serialText(prefix: string, serial: number): string {
  return `${prefix}${String(serial).padStart(6, "0")}`;
}

/** The name the register copied from the registration. */
export function registeredName(fact: RegisterFact): string {
  return writtenRecord(fact.seed, fact.registration).name.full;
}
