/** A CSV row's demographics: bound cells in, patient facts or problems out. */
import type { FacilityId, IsoDate } from "../platform/ids.ts";
import { isMasked } from "./aadhaar.ts";
import { abhaAddressOf, abhaNumberOf, isLuhnValid } from "./abha.ts";
import { type Damage, excelDamage } from "./excel-damage.ts";
import type { DateOrder, MapField, PatientMapField } from "./field-map.ts";
import { fromKrutiDev, legacyVerdict } from "./legacy-devanagari.ts";
import { birthDateFromAge, parseBirthDate, parseDate } from "./normalize-date.ts";
import { blankToNull, maskedLine, normalizeName, squeeze } from "./normalize-name.ts";
import { normalizePhones } from "./normalize-phone.ts";
import type {
  BirthDate,
  Identifier,
  PatientFacts,
  PatientFieldName,
  RecordKey,
  Sex,
} from "./patient-record.ts";
import type { Problem, ProblemReason } from "./problem.ts";
import type { BoundField, BoundMap } from "./row-reader.ts";
import { sexOf } from "./sex-code.ts";
import {
  maxIdentifierLength,
  maxLineLength,
  maxParsedLength,
  maxPhonesLength,
  maxTextLength,
  tooLongHint,
} from "./text-limit.ts";

export interface RowContext {
  readonly facilityId: FacilityId;
  readonly dateOrder: DateOrder;
  /** The day ages are counted at when the row has no `seenAt`: the file's own date. */
  readonly fileDate: IsoDate;
  /** No date of the past lies after it, and two-digit years end here: the day of the run, or the file's where that is later. */
  readonly today: IsoDate;
  /** IANA zone of the facility, for times without a zone. */
  readonly zone: string;
}

/** Collects what is wrong with one row; `bad: ignore` turns a problem into a warning. */
export class RowProblems {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly refused = new Set<string>();

  add(problem: Problem, ignore: boolean): void {
    (ignore ? this.warnings : this.problems).push(problem);
  }

  /** The text of a field, or null when it has none or one that is too long or damaged, which is noted once however often it is asked for. */
  textOf(map: BoundMap, field: MapField, cells: readonly string[]): string | null {
    const bound = map[field];
    const text = bound?.read(cells) ?? null;
    if (bound === undefined || text === null) return text;
    if (text.length > maxLengthOf(field))
      return this.refuse(bound, field, { rule: "value_too_long", hint: tooLongHint });
    const damage = excelDamage(field, text, bound.source);
    return damage === null ? this.inUnicode(bound, field, text) : this.refuse(bound, field, damage);
  }

  /** Hindi typed in a legacy font, as Unicode; where that is not certain, as it stands, with a warning. */
  private inUnicode(bound: BoundField, field: MapField, text: string): string {
    if (bound.source.encoding === "krutidev") return fromKrutiDev(text);
    const verdict = legacyFields.has(field) ? legacyVerdict(text) : "no";
    if (verdict === "no") return text;
    const rule = verdict === "sure" ? "legacy_font_converted" : "legacy_font_suspected";
    const hint =
      "The text is in a legacy Hindi font (Kruti Dev): compare a few names, then set `encoding: krutidev` on the field.";
    const warning: Problem = { reason: "invalid", field, rule, segment: bound.column, hint };
    if (!this.warnings.some((other) => other.rule === rule && other.field === field))
      this.warnings.push(warning);
    return verdict === "sure" ? fromKrutiDev(text) : text;
  }

  private refuse(bound: BoundField, field: MapField, damage: Damage): null {
    const place = `${field} ${bound.column}`;
    if (this.refused.has(place)) return null;
    this.refused.add(place);
    this.add(
      {
        reason: "invalid",
        field,
        rule: damage.rule,
        segment: bound.column,
        hint: damage.hint,
      },
      bound.source.bad === "ignore" || damage.keepsRow === true,
    );
    return null;
  }
}

/** Where Hindi stands: names and addresses. */
export const legacyFields: ReadonlySet<MapField> = new Set<MapField>([
  "name",
  "nameLocal",
  "givenName",
  "middleName",
  "familyName",
  "relationName",
  "addressLine",
  "locality",
  "city",
  "district",
]);

const maxLengths: { readonly [Field in MapField]?: number } = {
  mrn: maxIdentifierLength,
  identifier: maxIdentifierLength,
  abhaNumber: maxIdentifierLength,
  abhaAddress: maxIdentifierLength,
  motherMrn: maxIdentifierLength,
  guardianMrn: maxIdentifierLength,
  encounterId: maxIdentifierLength,
  eventId: maxIdentifierLength,
  code: maxIdentifierLength,
  codeSystem: maxIdentifierLength,
  lot: maxIdentifierLength,
  status: maxIdentifierLength,
  birthDate: maxParsedLength,
  age: maxParsedLength,
  sex: maxParsedLength,
  relationType: maxParsedLength,
  bloodGroup: maxParsedLength,
  deceasedAt: maxParsedLength,
  seenAt: maxParsedLength,
  eventKind: maxParsedLength,
  at: maxParsedLength,
  endAt: maxParsedLength,
  dueAt: maxParsedLength,
  phone: maxPhonesLength,
  value: maxTextLength,
  note: maxTextLength,
};

function maxLengthOf(field: MapField): number {
  return maxLengths[field] ?? maxLineLength;
}

export interface NormalizedPatient {
  readonly key: RecordKey;
  readonly facts: PatientFacts;
  readonly seenAt: string | null;
}

type Draft = { -readonly [Field in PatientFieldName]?: PatientFacts[Field] };

/** Null when the row has no usable key: then `found.problems` says why. Unknown text is never guessed at. */
export function normalizePatient(
  cells: readonly string[],
  map: BoundMap,
  context: RowContext,
  found: RowProblems,
): NormalizedPatient | null {
  const draft: Draft = {};
  const row = new PatientRow(cells, map, context, found);
  const key = row.key();
  row.names(draft);
  row.birth(draft);
  row.simple(draft);
  row.identifiers(draft);
  if (key === null || found.problems.length > 0) return null;
  return { key, facts: draft as PatientFacts, seenAt: draft.seenAt ?? null };
}

const relationTypes = new Set(["father", "mother", "husband", "wife", "guardian"]);
/** Fields that are copied after squeezing, each to the field of the same name. */
export const plainFields = [
  "email",
  "addressLine",
  "locality",
  "city",
  "district",
  "state",
  "postalCode",
  "bloodGroup",
] as const;

class PatientRow {
  private readonly cells: readonly string[];
  private readonly map: BoundMap;
  private readonly context: RowContext;
  private readonly found: RowProblems;

  constructor(cells: readonly string[], map: BoundMap, context: RowContext, found: RowProblems) {
    this.cells = cells;
    this.map = map;
    this.context = context;
    this.found = found;
  }

  key(): RecordKey | null {
    const value = rowNumber(this.text("mrn"));
    if (value === null) {
      // A number that is too long has its problem already.
      if (this.found.problems.some(({ field }) => field === "mrn")) return null;
      this.problem(
        "mrn",
        "missing",
        "identifier_missing",
        "Give the row the patient's number at this facility.",
      );
      return null;
    }
    if (isMasked(value)) {
      const hint = "A masked number identifies nobody: give the patient's number at this facility.";
      this.problem("mrn", "invalid", "identifier_masked", hint);
      return null;
    }
    const facilityId = this.context.facilityId;
    return { facilityId, system: facilityId, value };
  }

  names(draft: Draft): void {
    if (this.map.name !== undefined) {
      const text = this.text("name");
      const { name, relationName, relationType } = normalizeName(text ?? "");
      draft.name = name;
      if (this.map.relationName === undefined && relationName !== null)
        Object.assign(draft, { relationName, relationType });
    }
    for (const field of ["givenName", "middleName", "familyName"] as const) {
      if (this.map[field] !== undefined) draft[field] = normalizeName(this.text(field) ?? "").name;
    }
    if (this.map.nameLocal !== undefined)
      draft.nameLocal = normalizeName(this.text("nameLocal") ?? "").name;
    if (this.map.relationName !== undefined) {
      const text = this.text("relationName") ?? "";
      const inner = normalizeName(text);
      draft.relationName = inner.name ?? inner.relationName;
      draft.relationType = this.relationType() ?? inner.relationType;
    }
  }

  private relationType(): Draft["relationType"] {
    const text = this.text("relationType")?.toLowerCase() ?? "";
    return relationTypes.has(text) ? (text as Draft["relationType"]) : null;
  }

  birth(draft: Draft): void {
    if (this.map.seenAt !== undefined) draft.seenAt = this.dateTime("seenAt");
    if (this.map.birthDate === undefined && this.map.age === undefined) return;
    draft.birthDate = this.birthDate() ?? this.ageDate(draft.seenAt ?? null);
  }

  private birthDate(): BirthDate | null {
    const text = this.text("birthDate");
    if (text === null) return null;
    const read = parseBirthDate(text, {
      order: this.order("birthDate"),
      today: this.context.today,
    });
    if (read.ok) return read.value;
    if (read.reasons[0] === "birth_date_filler") {
      const hint = "A program writes this day where it knows none; leave the birth date blank.";
      this.warning("birthDate", "birth_date_filler", hint);
      return null;
    }
    this.problem(
      "birthDate",
      "invalid",
      read.reasons[0] ?? "birth_date_invalid",
      "Write the birth date as it stands in the patient's papers, e.g. 31/12/1985.",
    );
    return null;
  }

  private ageDate(seenAt: string | null): BirthDate | null {
    const text = this.text("age");
    if (text === null) return null;
    const read = birthDateFromAge(text, (seenAt?.slice(0, 10) ?? this.context.fileDate) as IsoDate);
    if (read.ok) return read.value;
    this.problem("age", "invalid", "age_invalid", "Write the age in years, or as `45 Y 3 M`.");
    return null;
  }

  simple(draft: Draft): void {
    if (this.map.sex !== undefined) draft.sex = this.sex();
    for (const field of plainFields) {
      if (this.map[field] !== undefined)
        draft[field] = blankToNull(maskedLine(this.text(field) ?? ""));
    }
    // Mapped identifiers are not masked: one in ten of any 12-digit numbers looks like an Aadhaar number.
    for (const field of ["motherMrn", "guardianMrn"] as const) {
      if (this.map[field] !== undefined)
        draft[field] = blankToNull(squeeze(this.text(field) ?? ""));
    }
    if (this.map.phone !== undefined) draft.phones = this.phones();
    if (this.map.deceasedAt !== undefined) draft.deceasedAt = this.dateTime("deceasedAt");
  }

  private sex(): Sex | null {
    const text = this.text("sex");
    const sex = text === null ? "unknown" : sexOf(text);
    if (sex !== null) return sex === "unknown" ? null : sex;
    this.problem(
      "sex",
      "unknown_code",
      "sex_unknown_code",
      "Add the code to `sex: { values: ... }` of the pipeline file.",
    );
    return null;
  }

  /** A cell may hold several numbers. One that cannot be read is dropped with a warning: it says nothing of the person. */
  private phones(): readonly string[] {
    const text = this.text("phone");
    if (text === null) return [];
    const phones: string[] = [];
    for (const phone of normalizePhones(text)) {
      if (phone.ok && !phones.includes(phone.value)) phones.push(phone.value);
      else if (!phone.ok)
        this.warning("phone", "phone_invalid", "Write the mobile number with ten digits.");
    }
    return phones;
  }

  identifiers(draft: Draft): void {
    const found: Identifier[] = [];
    const abha = this.text("abhaNumber");
    if (abha !== null) found.push(...this.abhaNumber(abha));
    const address = this.text("abhaAddress");
    const addressValue = address === null ? null : abhaAddressOf(address);
    if (addressValue !== null)
      found.push({ system: "abha-address", value: addressValue, type: null });
    else if (address !== null)
      this.warning("abhaAddress", "abha_address_invalid", "An ABHA address looks like name@abdm.");
    const other = rowNumber(this.text("identifier"));
    if (other !== null && !isMasked(other))
      found.push(identifierOf(other, this.context.facilityId));
    const mapped = ["abhaNumber", "abhaAddress", "identifier"].some(
      (field) => this.map[field as PatientMapField] !== undefined,
    );
    if (mapped) draft.identifiers = found;
  }

  private abhaNumber(text: string): readonly Identifier[] {
    const value = abhaNumberOf(text);
    if (value === null) {
      this.warning("abhaNumber", "abha_number_invalid", "An ABHA number has 14 digits.");
      return [];
    }
    // Kept whatever its check digit says: it is flagged, never refused.
    if (!isLuhnValid(value))
      this.warning(
        "abhaNumber",
        "abha_check_digit",
        "Compare the ABHA number with the patient's card.",
      );
    return [{ system: "abha-number", value, type: null }];
  }

  private dateTime(field: "seenAt" | "deceasedAt"): string | null {
    const text = this.text(field);
    if (text === null) return null;
    const read = parseDate(text, { order: this.order(field), today: this.context.today });
    if (!read.ok) {
      const rule = field === "seenAt" ? "seen_at_invalid" : "deceased_at_invalid";
      this.warning(field, rule, "Write the date as it is written in the other rows.");
      return null;
    }
    const { date, time, precision } = read.value;
    // A visit is placed at the start of what is known of its day; a death is told no more exactly than it was.
    if (field === "deceasedAt" && precision !== "day")
      return date.slice(0, precision === "month" ? 7 : 4);
    return time === null ? date : `${date}T${time}`;
  }

  private text(field: PatientMapField): string | null {
    return this.found.textOf(this.map, field, this.cells);
  }

  private order(field: PatientMapField): DateOrder {
    return orderOfFormat(this.map[field]?.source.format) ?? this.context.dateOrder;
  }

  private problem(field: PatientMapField, reason: ProblemReason, rule: string, hint: string): void {
    const bound = this.map[field];
    this.found.add(
      { reason, field, rule, segment: bound?.column ?? null, hint },
      bound?.source.bad === "ignore",
    );
  }

  private warning(field: PatientMapField, rule: string, hint: string): void {
    const bound = this.map[field];
    const ignore = bound?.source.bad !== "quarantine";
    this.found.add(
      { reason: "invalid", field, rule, segment: bound?.column ?? null, hint },
      ignore,
    );
  }
}

/** What exports write where there is no number: as a key it would make one patient of all who have none. */
const noNumber = /^#?(?:0{2,}|n\/?a|nil|null|none|nan|unknown|not available)\.?$/i;

/** A patient number as it is kept: on one line, without signs that nobody sees; null when no number is left. */
export function rowNumber(text: string | null): string | null {
  const number = text === null ? null : blankToNull(squeeze(text));
  return number === null || noNumber.test(number) ? null : number;
}

const orders = new Map<string, DateOrder | null>();

/** `DD/MM/YYYY` -> dmy; null when the format does not say. Asked for every date of every row, worked out once. */
export function orderOfFormat(format: string | undefined): DateOrder | null {
  if (format === undefined) return null;
  let order = orders.get(format);
  if (order === undefined) {
    const letters = format
      .toLowerCase()
      .replace(/[^dmy]/g, "")
      .replace(/(.)\1+/g, "$1");
    order = (["dmy", "mdy", "ymd"] as const).find((known) => letters.startsWith(known)) ?? null;
    orders.set(format, order);
  }
  return order;
}

function identifierOf(text: string, facilityId: FacilityId): Identifier {
  const abha = abhaNumberOf(text);
  if (abha !== null) return { system: "abha-number", value: abha, type: null };
  return { system: facilityId, value: text, type: null };
}
