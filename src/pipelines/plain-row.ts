/**
 * The short way of a plain row: one in which nothing is noteworthy, as nearly every row is. Texts that the rules would leave
 * as they are, are left; what other cells come to is asked of the rules once and remembered, since a file has few districts
 * and many patients. Whatever is not plain goes the ordinary way, and both ways give one text.
 */
import { type BoundRowMap, normalizeRow } from "../clinical/normalize-row.ts";
import { isMasked, mayHoldAadhaar } from "../records/aadhaar.ts";
import { plainAbhaNumber } from "../records/abha.ts";
import { type MapField, patientFieldNames } from "../records/field-map.ts";
import { legacyVerdict } from "../records/legacy-devanagari.ts";
import type { MaskPlan } from "../records/mask-row.ts";
import { isPlainLine, isPlainName, normalizeName } from "../records/normalize-name.ts";
import { legacyFields, plainFields, type RowContext } from "../records/normalize-patient.ts";
import { plainPhone } from "../records/normalize-phone.ts";
import type { PatientFacts, PatientFieldName } from "../records/patient-record.ts";
import type { BoundField, BoundMap } from "../records/row-reader.ts";
import { maxIdentifierLength, maxLineLength } from "../records/text-limit.ts";
import { copyFields } from "../store/copy-text.ts";
import { columnsOfField, fieldValues, presentBits } from "../store/patient-columns.ts";
import type { ClaimText } from "../store/stage-lines.ts";

/** What is known of one row so far: COPY text by the positions of `fieldColumns`. */
interface Draft {
  readonly texts: string[];
  present: number;
  messageTime: string | null;
}

/** Adds what some cells say; false when there is anything noteworthy in them. */
type PlainReader = (cells: readonly string[], draft: Draft) => boolean;

const absent = "\\N";
const unmapped: readonly string[] = copyFields(fieldValues({})).split("\t");

export class PlainRows {
  private readonly plan: MaskPlan;
  private readonly mrn: (cells: readonly string[]) => string | null;
  private readonly readers: readonly PlainReader[];
  private readonly draft: Draft = { texts: [...unmapped], present: 0, messageTime: null };

  private constructor(map: BoundMap, plan: MaskPlan, context: RowContext) {
    this.plan = plan;
    this.mrn = numberReader(map, context);
    this.readers = readersOf(map, context);
  }

  /** Null for a map whose rows carry events or may only fill blanks: none of its rows is plain. */
  static of(map: BoundRowMap, plan: MaskPlan, context: RowContext): PlainRows | null {
    const known: readonly string[] = patientFieldNames;
    const isPlain =
      map.record === "patient" &&
      map.events.length === 0 &&
      Object.keys(map.fields).every((field) => known.includes(field));
    return isPlain ? new PlainRows(map.fields, plan, context) : null;
  }

  /** The claim of a row; null when anything about it is noteworthy. */
  read(cells: readonly string[]): ClaimText | null {
    if (this.mayHoldAadhaar(cells)) return null;
    const value = this.mrn(cells);
    if (value === null) return null;
    const { draft } = this;
    draft.present = 0;
    draft.messageTime = null;
    for (const read of this.readers) if (!read(cells, draft)) return null;
    return { value, present: draft.present, messageTime: draft.messageTime, fields: draft.texts };
  }

  private mayHoldAadhaar(cells: readonly string[]): boolean {
    const { exempt } = this.plan;
    for (let position = 0; position < cells.length; position += 1) {
      const cell = cells[position] ?? "";
      if (cell.length >= 12 && !exempt.has(position) && mayHoldAadhaar(cell)) return true;
    }
    return false;
  }
}

const relation = ["relationName", "relationType"] as const;

function readersOf(map: BoundMap, context: RowContext): readonly PlainReader[] {
  return shapesOf(map)
    .filter(({ reads }) => reads.some((field) => map[field] !== undefined))
    .map((shape) => {
      const memo = new Memo(shape, map, context);
      const textOf = textOfShape(shape, map);
      const position = plainPosition(map[shape.reads[0] ?? "mrn"]);
      return textOf === null || position === null
        ? memo.reader()
        : valueReader({ position, shape, textOf, otherwise: memo.asker() });
    });
}

/** How to read the one column of a shape whose texts are nearly all different; null where remembering them pays, or it has more. */
function textOfShape({ reads }: Shape, map: BoundMap): ((cell: string) => string | null) | null {
  const [field, ...others] = reads;
  if (field === undefined || others.some((other) => map[other] !== undefined)) return null;
  const isHindi = legacyFields.has(field);
  // Asked of the text that the rules would read.
  const inUnicode = (cell: string) => !isHindi || legacyVerdict(cell.trim()) === "no";
  if (nameFields.has(field)) return (cell) => (inUnicode(cell) ? nameText(cell) : null);
  if (lineFields.has(field)) return (cell) => (isPlainLine(cell) && inUnicode(cell) ? cell : null);
  if (field === "phone") return phoneText;
  return field === "abhaNumber" ? abhaText : null;
}

const nameFields: ReadonlySet<MapField> = new Set([
  "name",
  "relationName",
  "nameLocal",
  "givenName",
  "middleName",
  "familyName",
]);
const lineFields: ReadonlySet<MapField> = new Set(plainFields);

/** Fields that are normalized together, and those of the record that only they fill. */
interface Shape {
  readonly reads: readonly MapField[];
  readonly owns: readonly PatientFieldName[];
}

function shapesOf(map: BoundMap): readonly Shape[] {
  const together: readonly Shape[] = [
    // A name may bring its relation along: `Ram Lal S/o Mohan Lal`.
    { reads: ["name"], owns: map.relationName === undefined ? ["name", ...relation] : ["name"] },
    ...(map.relationName === undefined ? [] : [{ reads: relation, owns: relation }]),
    { reads: ["seenAt"], owns: ["seenAt"] },
    // An age counts at the visit.
    { reads: ["birthDate", "age"], owns: ["birthDate"] },
    { reads: ["phone"], owns: ["phones"] },
    { reads: ["abhaNumber", "abhaAddress", "identifier"], owns: ["identifiers"] },
  ];
  const grouped = new Set(together.flatMap(({ reads }) => reads));
  const alone = patientFieldNames.filter(
    (field): field is MapField & PatientFieldName =>
      !grouped.has(field) && !["mrn", "aadhaar", "relationType"].includes(field),
  );
  return [...together, ...alone.map((field) => ({ reads: [field], owns: [field] }))];
}

/** Position of a column that is taken as it stands: its texts have no meanings of the facility's own. */
function plainPosition(bound: BoundField | undefined): number | null {
  if (bound === undefined) return null;
  const { column, join, format, bad, ...others } = bound.source;
  const [position] = bound.positions;
  const isPlain = column !== undefined && Object.keys(others).length === 0;
  return isPlain && position !== undefined ? position : null;
}

interface ValueReading {
  readonly position: number;
  readonly shape: Shape;
  /** COPY text of a plain cell; null for any other. */
  readonly textOf: (cell: string) => string | null;
  readonly otherwise: PlainReader;
}

/** Reads a field of one column from one cell; a blank cell says that there is nothing. */
function valueReader({ position, shape, textOf, otherwise }: ValueReading): PlainReader {
  const [column = 0, ...others] = shape.owns.flatMap(columnsOfField);
  // A column speaks for its own fields; a relation within a name is said only where there is one.
  const bits = bitsOf(shape.owns[0] === "name" ? ["name"] : shape.owns);
  const blank = unmapped[column] ?? absent;
  return (cells, draft) => {
    const cell = cells[position] ?? "";
    const text = cell === "" ? blank : textOf(cell);
    if (text === null) return otherwise(cells, draft);
    draft.texts[column] = text;
    for (const other of others) draft.texts[other] = absent;
    draft.present |= bits;
    return true;
  };
}

/** A name that loses its titles is plain still; one that brings a relation along is not. */
function nameText(cell: string): string | null {
  if (isPlainName(cell)) return cell;
  // What is too long as it stands is refused, whatever would be left of it.
  if (cell.length > maxLineLength) return null;
  const { name, relationName } = normalizeName(cell);
  return name !== null && relationName === null && isPlainLine(name) ? name : null;
}

function phoneText(cell: string): string | null {
  const phone = plainPhone(cell);
  return phone === null ? null : `{"${phone}"}`;
}

function abhaText(cell: string): string | null {
  const value = plainAbhaNumber(cell);
  return value === null ? null : `[{"system":"abha-number","value":"${value}","type":null}]`;
}

/** Letters, digits and slashes after two letters, or a short whole number: nothing the rules could find fault with. */
const plainNumber = /^(?:[A-Za-z]{2}[A-Za-z0-9/]*|[1-9]\d{0,10})$/;

function numberReader(
  map: BoundMap,
  context: RowContext,
): (cells: readonly string[]) => string | null {
  const position = plainPosition(map.mrn);
  const asked = new Memo({ reads: ["mrn"], owns: [] }, map, context);
  return (cells) => {
    const cell = position === null ? "" : (cells[position] ?? "");
    const isPlain = plainNumber.test(cell) && cell.length <= maxIdentifierLength && !isMasked(cell);
    return isPlain ? cell : asked.patientNumber(cells);
  };
}

/** Then it is begun anew: the values of a file come in waves. */
const mostRemembered = 50_000;

interface Remembered {
  /** By the owned columns, in their order. */
  readonly texts: readonly string[];
  readonly present: number;
  readonly messageTime: string | null;
}

/** Cells that are normalized together by the rules, and what they came to. */
class Memo {
  private readonly map: BoundRowMap;
  private readonly context: RowContext;
  private readonly positions: readonly number[];
  /** Positions in `fieldColumns` of what only these cells fill. */
  private readonly columns: readonly number[];
  private readonly owned: number;
  private readonly birth: BoundField | null;
  private readonly isOfVisit: boolean;
  private readonly known = new Map<string, Remembered | null>();

  constructor({ reads, owns }: Shape, map: BoundMap, context: RowContext) {
    const asked: readonly MapField[] = owns.includes("birthDate") ? [...reads, "seenAt"] : reads;
    const own: { [Field in MapField]?: BoundField } = { mrn: someNumber };
    for (const field of asked) {
      const bound = map[field];
      if (bound !== undefined) own[field] = bound;
    }
    this.map = { record: "patient", fields: own, events: [] };
    this.context = context;
    this.positions = [...new Set(asked.flatMap((field) => map[field]?.positions ?? []))];
    this.columns = owns.flatMap(columnsOfField);
    this.owned = bitsOf(owns);
    this.birth = owns.includes("birthDate") ? (map.birthDate ?? null) : null;
    this.isOfVisit = owns.includes("seenAt");
  }

  /** Asks the rules, each time. */
  asker(): PlainReader {
    return (cells, draft) => this.tell(this.ask(cells), draft);
  }

  reader(): PlainReader {
    return (cells, draft) => {
      const key = this.keyOf(cells);
      let found = this.known.get(key);
      if (found === undefined) {
        found = this.ask(cells);
        if (this.known.size >= mostRemembered) this.known.clear();
        this.known.set(key, found);
      }
      return this.tell(found, draft);
    };
  }

  private tell(found: Remembered | null, draft: Draft): boolean {
    if (found === null) return false;
    for (let index = 0; index < this.columns.length; index += 1)
      draft.texts[this.columns[index] ?? 0] = found.texts[index] ?? absent;
    draft.present |= found.present;
    draft.messageTime ??= found.messageTime;
    return true;
  }

  /** The row's key, by the rules; null when they find anything noteworthy. */
  patientNumber(cells: readonly string[]): string | null {
    const said = normalizeRow(cells, this.map, this.context);
    if (!said.ok || said.value.warnings.length > 0) return null;
    return said.value.patients[0]?.key.value ?? null;
  }

  private keyOf(cells: readonly string[]): string {
    // With a birth date, age and visit say nothing of it.
    const birth = this.birth?.read(cells) ?? null;
    if (birth !== null) return birth;
    const [only] = this.positions;
    if (this.positions.length === 1 && only !== undefined) return cells[only] ?? "";
    let key = "";
    for (const position of this.positions) key += `\u0000${cells[position] ?? ""}`;
    return key;
  }

  private ask(cells: readonly string[]): Remembered | null {
    const said = normalizeRow(cells, this.map, this.context);
    if (!said.ok || said.value.warnings.length > 0) return null;
    const { patients, messageTime } = said.value;
    const facts: PatientFacts = patients[0]?.facts ?? {};
    const present = presentBits(facts);
    // Cells that fill a field of others, or a birth date that was let pass unread: the ordinary way knows what to do.
    const allowed = this.owned | bitsOf(["seenAt"]);
    if ((present & ~allowed) !== 0) return null;
    if (this.birth !== null && facts.birthDate === null && this.birth.read(cells) !== null)
      return null;
    const values = fieldValues(facts);
    return {
      texts: this.columns.map((column) => copyFields([values[column] ?? null])),
      present: present & this.owned,
      messageTime: this.isOfVisit ? messageTime : null,
    };
  }
}

/** Stands in for the patient number in cells that are asked about without it. */
const someNumber: BoundField = {
  source: { value: "0", join: " " },
  column: null,
  positions: [],
  read: () => "0",
};

function bitsOf(fields: readonly PatientFieldName[]): number {
  return presentBits(Object.fromEntries(fields.map((field) => [field, null])));
}
