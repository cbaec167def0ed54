/**
 * The short way of a plain row: one in which nothing is noteworthy, as nearly every row is. It is read from its bytes. Texts that
 * the rules would leave as they are, are left; what other cells come to is asked of the rules once and remembered, since a file
 * has few districts and many patients. Whatever is not plain goes the ordinary way, and both ways give one text.
 */
import { type BoundRowMap, normalizeRow } from "../clinical/normalize-row.ts";
import type { CellFrame } from "../connectors/cell-frame.ts";
import { ByteMap } from "../platform/byte-map.ts";
import type { IsoDate } from "../platform/ids.ts";
import type { Parsed } from "../platform/parsed.ts";
import { mayHoldAadhaar } from "../records/aadhaar.ts";
import { type DateOrder, type MapField, patientFieldNames } from "../records/field-map.ts";
import { hasLegacySign, legacyVerdict } from "../records/legacy-devanagari.ts";
import type { MaskPlan } from "../records/mask-row.ts";
import { birthDateFromAge, parseBirthDate } from "../records/normalize-date.ts";
import { isPlainLine, isPlainName, normalizeName } from "../records/normalize-name.ts";
import {
  legacyFields,
  orderOfFormat,
  plainFields,
  type RowContext,
} from "../records/normalize-patient.ts";
import { plainPhone } from "../records/normalize-phone.ts";
import type { BirthDate, PatientFacts, PatientFieldName } from "../records/patient-record.ts";
import {
  digitsOf,
  hasOpenVowels,
  isPlainAbhaNumber,
  isPlainLineBytes,
  isPlainNumber,
  plainMobileStart,
  plainNameStart,
  wholeNumber,
} from "../records/plain-cell.ts";
import type { BoundField, BoundMap } from "../records/row-reader.ts";
import { maxLineLength } from "../records/text-limit.ts";
import { ClaimDraft } from "../store/claim-draft.ts";
import { copyFields } from "../store/copy-text.ts";
import { columnsOfField, fieldValues, presentBits } from "../store/patient-columns.ts";

/** Adds what some cells say; false when there is anything noteworthy in them. */
type PlainReader = (row: PlainCells, draft: ClaimDraft) => boolean;

const absent = Buffer.from("\\N");
/** COPY texts of a record of which nothing is said, by the positions of `fieldColumns`. */
const unmapped: readonly Buffer[] = copyFields(fieldValues({}))
  .split("\t")
  .map((text) => Buffer.from(text));

/** The cells of a framed line. */
class PlainCells {
  readonly frame: CellFrame;
  bytes: Buffer = Buffer.alloc(0);

  constructor(frame: CellFrame) {
    this.frame = frame;
  }

  start(position: number): number {
    return this.frame.starts[position] ?? 0;
  }

  end(position: number): number {
    return this.frame.ends[position] ?? 0;
  }

  isFilled(position: number): boolean {
    return this.start(position) < this.end(position);
  }

  text(position: number): string {
    return this.bytes.toString("utf8", this.start(position), this.end(position));
  }

  /** The same for the same bytes, and made faster than the text. */
  key(position: number): string {
    return this.bytes.toString("latin1", this.start(position), this.end(position));
  }

  /** The cells of a row that has no others. */
  only(positions: readonly number[]): readonly string[] {
    const cells = new Array<string>(this.frame.columns).fill("");
    for (const position of positions) cells[position] = this.text(position);
    return cells;
  }
}

export class PlainRows {
  private readonly plan: MaskPlan;
  private readonly mrn: PlainReader;
  private readonly readers: readonly PlainReader[];
  private readonly draft = new ClaimDraft(unmapped);
  private readonly row: PlainCells;

  private constructor(map: BoundMap, plan: MaskPlan, context: RowContext, frame: CellFrame) {
    this.plan = plan;
    this.row = new PlainCells(frame);
    this.mrn = numberReader(map, context);
    this.readers = readersOf(map, context);
  }

  /** Null for a map whose rows carry events or may only fill blanks: none of its rows is plain. */
  static of(
    map: BoundRowMap,
    plan: MaskPlan,
    context: RowContext,
    frame: CellFrame,
  ): PlainRows | null {
    const known: readonly string[] = patientFieldNames;
    const isPlain =
      map.record === "patient" &&
      map.events.length === 0 &&
      Object.keys(map.fields).every((field) => known.includes(field));
    return isPlain ? new PlainRows(map.fields, plan, context, frame) : null;
  }

  /** The claim of the row whose cells are framed, until the next is read; null when anything about it is noteworthy. */
  read(bytes: Buffer): ClaimDraft | null {
    const { row, draft } = this;
    row.bytes = bytes;
    if (this.mayHoldAadhaar(row)) return null;
    draft.begin(bytes);
    if (!this.mrn(row, draft)) return null;
    const { readers } = this;
    for (let index = 0; index < readers.length; index += 1)
      if (readers[index]?.(row, draft) === false) return null;
    return draft;
  }

  private mayHoldAadhaar(row: PlainCells): boolean {
    const { exempt } = this.plan;
    const { digits, isWide, columns } = row.frame;
    for (let position = 0; position < columns; position += 1) {
      const hasDigits = (digits[position] ?? 0) >= 12;
      if ((!hasDigits && isWide[position] === 0) || exempt.has(position)) continue;
      const start = row.start(position);
      const end = row.end(position);
      if (end - start < 12) continue;
      if (!hasDigits && (digitsOf(row.bytes, start, end) ?? 12) < 12) continue;
      if (mayHoldAadhaar(row.text(position))) return true;
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
      if (shape.owns.includes("birthDate")) return new BirthReader(map, context, memo).reader();
      const kind = kindOf(shape, map);
      const position = plainPosition(map[shape.reads[0] ?? "mrn"]);
      return kind === null || position === null
        ? memo.reader()
        : valueReader({ position, shape, kind, otherwise: memo.asker() });
    });
}

/** How to read a field of one column whose texts are nearly all different. */
interface CellKind {
  /** Sets the column from the draft's input, from a start to an end; false where the bytes do not say enough. */
  readonly set: (draft: ClaimDraft, column: number, start: number, end: number) => boolean;
  /** COPY text of the cell's text; null where the rules must be asked. */
  readonly textOf: (cell: string) => string | null;
}

/** Null where remembering the texts pays, or the shape has more columns. */
function kindOf({ reads }: Shape, map: BoundMap): CellKind | null {
  const [field, ...others] = reads;
  if (field === undefined || others.some((other) => map[other] !== undefined)) return null;
  const isHindi = legacyFields.has(field);
  const isUnicode = surelyUnicode();
  // Asked of the text that the rules would read.
  const inUnicode = (cell: string) => !isHindi || legacyVerdict(cell.trim()) === "no";
  // A relation within the name counts only where no column is for it.
  const hasRelation = field === "name" && map.relationName === undefined;
  if (nameFields.has(field))
    return {
      set: setName(isUnicode),
      textOf: (cell) => (inUnicode(cell) ? nameText(cell, hasRelation || field !== "name") : null),
    };
  if (lineFields.has(field))
    return {
      set: isHindi ? setHindiLine(isUnicode) : setLine,
      textOf: (cell) => (isPlainLine(cell) && inUnicode(cell) ? cell : null),
    };
  if (field === "phone") return { set: setPhone, textOf: phoneText };
  return field === "abhaNumber" ? { set: setAbhaNumber, textOf: () => null } : null;
}

function setName(isUnicode: TextTest): CellKind["set"] {
  return (draft, column, start, end) => {
    const { input } = draft;
    const at = plainNameStart(input, start, end);
    // In Devanagari it is in Unicode.
    if (at === -1 || !((input[at] ?? 0) >= 0x80 || isUnicode(input, at, end))) return false;
    draft.set(column, at, end);
    return true;
  };
}

const setLine: CellKind["set"] = (draft, column, start, end) => {
  const isPlain = isPlainLineBytes(draft.input, start, end);
  if (isPlain) draft.set(column, start, end);
  return isPlain;
};

function setHindiLine(isUnicode: TextTest): CellKind["set"] {
  return (draft, column, start, end) =>
    setLine(draft, column, start, end) && isUnicode(draft.input, start, end);
}

type TextTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * True for a text that is surely in no legacy Hindi font: no word of it looks so, which is asked of each word but once.
 * Of a thousand addresses the words are few.
 */
function surelyUnicode(): TextTest {
  const known = new ByteMap<boolean>(mostRemembered);
  const isWordUnicode = (bytes: Uint8Array, start: number, end: number): boolean => {
    let isUnicode = known.find(bytes, start, end);
    if (isUnicode === undefined) {
      isUnicode = !hasLegacySign(Buffer.from(bytes.subarray(start, end)).toString("latin1"));
      known.set(bytes, start, end, isUnicode);
    }
    return isUnicode;
  };
  return (bytes, start, end) => {
    if (hasOpenVowels(bytes, start, end)) return true;
    for (let at = start; at < end; ) {
      const word = at;
      at = wordEnd(bytes, at, end);
      if (!isWordUnicode(bytes, word, at)) return false;
      at += 1;
    }
    return true;
  };
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== space) at += 1;
  return at;
}

const space = 0x20;

const setPhone: CellKind["set"] = (draft, column, start, end) => {
  const at = plainMobileStart(draft.input, start, end);
  if (at !== -1) draft.setPhone(column, at, end);
  return at !== -1;
};

const setAbhaNumber: CellKind["set"] = (draft, column, start, end) => {
  const isPlain = isPlainAbhaNumber(draft.input, start, end);
  if (isPlain) draft.setAbhaNumber(column, start, end);
  return isPlain;
};

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
  readonly kind: CellKind;
  readonly otherwise: PlainReader;
}

/** Reads a field of one column from one cell; a blank cell says that there is nothing. */
function valueReader({ position, shape, kind, otherwise }: ValueReading): PlainReader {
  const [column = 0, ...others] = shape.owns.flatMap(columnsOfField);
  // A column speaks for its own fields; a relation within a name is said only where there is one.
  const bits = bitsOf(shape.owns[0] === "name" ? ["name"] : shape.owns);
  const blank = unmapped[column] ?? absent;
  return (row, draft) => {
    const start = row.start(position);
    const end = row.end(position);
    if (start === end) draft.setMade(column, blank);
    else if (!kind.set(draft, column, start, end)) {
      const text = kind.textOf(row.text(position));
      if (text === null) return otherwise(row, draft);
      draft.setText(column, text);
    }
    for (const other of others) draft.setMade(other, absent);
    draft.present |= bits;
    return true;
  };
}

/** A name that loses its titles is plain still; one that brings a relation along is not. */
function nameText(cell: string, hasRelation: boolean): string | null {
  if (isPlainName(cell)) return cell;
  // What is too long as it stands is refused, whatever would be left of it.
  if (cell.length > maxLineLength) return null;
  const { name, relationName } = normalizeName(cell);
  const isAlone = relationName === null || !hasRelation;
  return name !== null && isAlone && isPlainLine(name) ? name : null;
}

function phoneText(cell: string): string | null {
  const phone = plainPhone(cell);
  return phone === null ? null : `{"${phone}"}`;
}

function numberReader(map: BoundMap, context: RowContext): PlainReader {
  const position = plainPosition(map.mrn);
  const asked = new Memo({ reads: ["mrn"], owns: [] }, map, context);
  return (row, draft) => {
    const start = position === null ? 0 : row.start(position);
    const end = position === null ? 0 : row.end(position);
    if (isPlainNumber(row.bytes, start, end)) {
      draft.setValue(start, end);
      return true;
    }
    const value = asked.patientNumber(row);
    if (value === null || copyFields([value]) !== value) return false;
    draft.setMadeValue(Buffer.from(value));
    return true;
  };
}

/** Then it is begun anew: the values of a file come in waves. */
const mostRemembered = 50_000;

interface Remembered {
  /** COPY texts by the owned columns, in their order. */
  readonly texts: readonly Buffer[];
  readonly present: number;
  readonly messageTime: Buffer | null;
  readonly seenYear: number | null;
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
  private readonly known = new ByteMap<Remembered | null>(mostRemembered);
  private readonly knownTogether = new Map<string, Remembered | null>();

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
    return (row, draft) => this.tell(this.ask(row), draft);
  }

  reader(): PlainReader {
    const [only] = this.positions;
    return this.positions.length === 1 && only !== undefined
      ? (row, draft) => this.tell(this.ofCell(row, only), draft)
      : (row, draft) => this.tell(this.ofCells(row), draft);
  }

  private ofCell(row: PlainCells, position: number): Remembered | null {
    const start = row.start(position);
    const end = row.end(position);
    let found = this.known.find(row.bytes, start, end);
    if (found === undefined) {
      found = this.ask(row);
      this.known.set(row.bytes, start, end, found);
    }
    return found;
  }

  private ofCells(row: PlainCells): Remembered | null {
    let key = "";
    for (const position of this.positions) key += `\u0000${row.key(position)}`;
    let found = this.knownTogether.get(key);
    if (found === undefined) {
      found = this.ask(row);
      if (this.knownTogether.size >= mostRemembered) this.knownTogether.clear();
      this.knownTogether.set(key, found);
    }
    return found;
  }

  private tell(found: Remembered | null, draft: ClaimDraft): boolean {
    if (found === null) return false;
    for (let index = 0; index < this.columns.length; index += 1)
      draft.setMade(this.columns[index] ?? 0, found.texts[index] ?? absent);
    draft.present |= found.present;
    draft.messageTime ??= found.messageTime;
    draft.seenYear ??= found.seenYear;
    return true;
  }

  /** The row's key, by the rules; null when they find anything noteworthy. */
  patientNumber(row: PlainCells): string | null {
    const said = normalizeRow(row.only(this.positions), this.map, this.context);
    if (!said.ok || said.value.warnings.length > 0) return null;
    return said.value.patients[0]?.key.value ?? null;
  }

  private ask(row: PlainCells): Remembered | null {
    const cells = row.only(this.positions);
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
      texts: this.columns.map((column) => Buffer.from(copyFields([values[column] ?? null]))),
      present: present & this.owned,
      messageTime: this.isOfVisit && messageTime !== null ? Buffer.from(messageTime) : null,
      seenYear: this.isOfVisit && facts.seenAt ? Number(facts.seenAt.slice(0, 4)) : null,
    };
  }
}

const plainDate = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$/;

/** Birth dates are many and ages at visits more: those in numbers are read by their own rules, any other by all of them. */
class BirthReader {
  private readonly memo: Memo;
  private readonly date: number | null;
  private readonly age: number | null;
  private readonly isPlain: boolean;
  private readonly context: RowContext;
  private readonly order: DateOrder;
  private readonly dates = new ByteMap<BirthTexts | null>(mostRemembered);
  /** By age and year of the visit. */
  private readonly ages = new Map<number, BirthTexts | null>();
  private readonly fileYear: number;

  constructor(map: BoundMap, context: RowContext, memo: Memo) {
    this.memo = memo;
    this.context = context;
    this.date = plainPosition(map.birthDate);
    this.age = plainPosition(map.age);
    this.fileYear = Number(context.fileDate.slice(0, 4));
    this.order = orderOfFormat(map.birthDate?.source.format) ?? context.dateOrder;
    this.isPlain =
      (this.date !== null || map.birthDate === undefined) &&
      (this.age !== null || map.age === undefined);
  }

  reader(): PlainReader {
    const [column = 0, precision = 0] = columnsOfField("birthDate");
    const bits = bitsOf(["birthDate"]);
    const ask = this.memo.reader();
    if (!this.isPlain) return ask;
    return (row, draft) => {
      const texts = this.textsOf(row, draft.seenYear);
      if (texts === null) return ask(row, draft);
      draft.setMade(column, texts.date);
      draft.setMade(precision, texts.precision);
      draft.present |= bits;
      return true;
    };
  }

  private textsOf(row: PlainCells, seenYear: number | null): BirthTexts | null {
    if (this.date !== null && row.isFilled(this.date)) return this.ofDate(row, this.date);
    if (this.age === null || !row.isFilled(this.age)) return noBirth;
    return this.ofAge(row, this.age, seenYear ?? this.fileYear);
  }

  private ofDate(row: PlainCells, position: number): BirthTexts | null {
    const start = row.start(position);
    const end = row.end(position);
    const known = this.dates.find(row.bytes, start, end);
    if (known !== undefined) return known;
    const text = row.key(position);
    const { order } = this;
    const { today } = this.context;
    const texts = plainDate.test(text) ? birthTexts(parseBirthDate(text, { order, today })) : null;
    this.dates.set(row.bytes, start, end, texts);
    return texts;
  }

  /** An age in whole years says a year: that of the visit is all that matters of it. */
  private ofAge(row: PlainCells, position: number, year: number): BirthTexts | null {
    const years = wholeNumber(row.bytes, row.start(position), row.end(position));
    if (years === -1) return null;
    const key = years * 10_000 + year;
    let texts = this.ages.get(key);
    if (texts === undefined) {
      texts = birthTexts(birthDateFromAge(String(years), `${year}-01-01` as IsoDate));
      this.ages.set(key, texts);
    }
    return texts;
  }
}

function birthTexts(birth: Parsed<BirthDate, string>): BirthTexts | null {
  return birth.ok
    ? { date: Buffer.from(birth.value.date), precision: Buffer.from(birth.value.precision) }
    : null;
}

interface BirthTexts {
  readonly date: Buffer;
  readonly precision: Buffer;
}
const noBirth: BirthTexts = { date: absent, precision: absent };

/** Stands in for the patient number in cells that are asked about without it. */
const someNumber: BoundField = {
  source: { value: "1", join: " " },
  column: null,
  positions: [],
  read: () => "1",
};

function bitsOf(fields: readonly PatientFieldName[]): number {
  return presentBits(Object.fromEntries(fields.map((field) => [field, null])));
}
