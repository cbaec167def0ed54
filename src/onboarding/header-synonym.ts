/** What a column's header says it holds: canonical fields with how surely, from phrases in the vocabulary of header words. */
import { editDistance } from "../platform/suggestion.ts";
import type { MapField } from "../records/field-map.ts";
import {
  canonicalWord,
  headerVariants,
  headerWords,
  isKnownWord,
  vocabulary,
} from "./header-word.ts";

/** What kind of export a phrase belongs to; `patient` belongs to all of them. */
export type Topic =
  | "patient"
  | "visit"
  | "condition"
  | "lab"
  | "vaccination"
  | "medication"
  | "procedure"
  | "allergy"
  | "appointment";

/** One thing a header may mean. */
export interface HeaderMeaning {
  /** Null: a known thing that no field takes, such as a serial number. */
  readonly field: MapField | null;
  readonly topic: Topic;
  /** 0 to 1. */
  readonly likeness: number;
}

type PhraseEntry = readonly [field: MapField | null, topic: Topic, phrases: string];

/** A number behind a phrase is its weight, 1 where there is none: `opd no:.8` names the patient less surely than `uhid`. */
const entries: readonly PhraseEntry[] = [
  [
    "mrn",
    "patient",
    "uhid|uhid no|mrn|mrn no|cr no|cr|patient id|patient no|patient uhid:1|patient reg no|patient reg id|reg no:.96|reg id:.94|hospital no:.92|hospital reg no:.95|hospital id:.6|opd no:.84|opd reg no:.9|opd id:.8|admission no:.78|health id:.7|unique id:.85|unique health id:.85|patient code:.95|patient unique id|case no:.72|file no:.7|card no:.72|opd card no:.78|health card no:.66|patient card no:.84|reg:.7|id:.7|no:.45|opd:.6|patient:.45|mrn id|rch id:.8|central reg no:.9|annual no:.7|opd slip no:.76|yearly no:.7|code:.3|record no:.85|medical record no|patient identity",
  ],
  [
    "identifier",
    "patient",
    "old uhid|old reg no|old mrn|old cr no|old patient id|old no:.7|alternate id|alternate patient id|alternate uhid|alternate reg no|alternate mrn|pmjay id|ayushman card no|ayushman id|cghs no|cghs id|cghs card no|dgehs no|dgehs card no|esi no|esic no|insurance no:.8|insurance id:.8|family id:.5|beneficiary id:.1",
  ],
  [
    "abhaNumber",
    "patient",
    "abha no|abha|abha id:.93|abha health no|health id no:.75|abha card no|ayushman bharat health account no",
  ],
  ["abhaAddress", "patient", "abha address|phr address|health id address|phr id|abha phr address"],
  [
    "aadhaar",
    "patient",
    "aadhaar no|aadhaar|aadhaar id|aadhaar card no|aadhaar card|patient aadhaar no",
  ],
  [
    "name",
    "patient",
    "patient name|name|full name|patient full name|patient name english|name english:.97|child name:.92|baby name:.85|patient:.6|name patient title:.9|death name:.9",
  ],
  [
    "nameLocal",
    "patient",
    "name hindi|patient name hindi|hindi name|full name hindi|hindi patient full name",
  ],
  ["givenName", "patient", "first name|patient first name|first|f name:.9"],
  ["middleName", "patient", "middle name|patient middle name|m name:.86"],
  ["familyName", "patient", "last name|patient last name|last|l name:.9"],
  ["sex", "patient", "sex|patient sex|sex code|sex type:.9|patient sex code|birth sex:.9"],
  [
    "birthDate",
    "patient",
    "birth date|patient birth date|birth:.75|birth year:.8|birth date time:.9|birth:.75|child birth date:.9",
  ],
  [
    "age",
    "patient",
    "age|patient age|age year|age years|age year month|age reg:.9|age visit:.9|age unit:.2",
  ],
  [
    "phone",
    "patient",
    "phone no|phone|reg phone|reg phone no|patient phone no|patient phone|phone no 1|primary phone no|phone number1|alternate phone no:.55|alternate phone:.55|husband phone:.5|father phone:.5|guardian phone no:.5|phone details:.8|phone home:.7",
  ],
  ["email", "patient", "email|email id|email address|patient email"],
  [
    "relationName",
    "patient",
    "father husband name|father name|head name:.7|last head name:.7|परिवार head name:.7|f name:.86|f h name|husband name|guardian name|father husband|relation name|relation person name|son wife daughter of|son daughter wife of name|son daughter wife|son of|wife of|daughter of|care of:.7|mother name:.78|mother father name:.9|father mother name:.9|m name:.7|father|husband|guardian|father guardian name|father husband guardian name|parent name|parents name|father mother husband name|spouse name|father spouse name|son daughter wife care of|mother husband name:.9|mother:.7|parent guardian name|guardian relation name|relative name|husband father|son wife of|daughter wife of",
  ],
  [
    "relationType",
    "patient",
    "relation|relation type|guardian relation|relation guardian|relation patient|relation prefix|relation code|father husband flag:.8|son daughter wife of type:.8|type relation",
  ],
  [
    "addressLine",
    "patient",
    "address|patient address|full address|address line|current address|house address|address details|house street:.9|house no:.86|house:.8|street:.8|house no street:.9|patient full address|street address|street no:.7|premises:.7",
  ],
  [
    "locality",
    "patient",
    "locality|address locality:.9|village:.9|village locality|locality name|village name:.9|sub locality:.8|ward locality:.6|village town|city locality:.7|locality ward|address line 2:.5",
  ],
  ["city", "patient", "city|city name|patient city|city village:.8"],
  ["district", "patient", "district|district name|patient district"],
  ["state", "patient", "state|state name|patient state|state ut"],
  ["postalCode", "patient", "pin|pin code|pin no|patient pin code|area pin"],
  ["bloodGroup", "patient", "blood group|blood type|patient blood group|blood:.7|blood group rh"],
  ["deceasedAt", "patient", "death date|death|death date time|death time:.6"],
  [
    "motherMrn",
    "patient",
    "mother uhid|mother mrn|mother cr no|mother reg no|mother id|mother patient id|mother opd no:.8|mother rch id",
  ],
  ["guardianMrn", "patient", "guardian uhid|guardian mrn|guardian id:.7|guardian reg no"],
  [
    "seenAt",
    "patient",
    "reg date|reg date time|reg time:.6|date reg|patient reg date|first visit date:.9|last visit date:.9|opd reg date|last updated date:.6|created date:.55|reg on|date:.6|date time:.6|first seen date:.9|seen date:.85",
  ],

  [
    "at",
    "visit",
    "visit date|visit date time|study date|visit on|admission on|opd date|visit|visit time:.6|admission date|admission date time|encounter date|consultation date|appointment date:.5|opd visit date|date:.6|date time:.6|attendance date|doctor visit date:.8|checkup date",
  ],
  ["endAt", "visit", "discharge date|discharge date time|visit end date"],
  [
    "encounterId",
    "visit",
    "visit no|visit id|encounter id|encounter no|admission no:.86|opd no:.7|episode no|episode id|case no:.6|token no:.3|visit token no:.3|admission id",
  ],
  [
    "performer",
    "visit",
    "doctor name|doctor|consultant name|seen by:.8|attending doctor|referring doctor:.6|unit doctor:.8|doctor incharge:.8|performed by|surgeon|surgeon name|vaccinator|vaccinator name|vaccine by:.8|vaccinator|name vaccinator|nurse name:.7|prescribed by|prescriber|doctor id:.4|technician:.6|anm name:.7",
  ],
  [
    "display",
    "visit",
    "complaint|chief complaint|presenting complaint|department|department name|visit type|visit reason|visit purpose|reason:.6|opd department|opd name:.7|opd clinic:.8|room:.1|complaint diagnosis:.9",
  ],
  ["status", "visit", "visit status|status:.4|result status:.6|report status:.7|test status:.6"],
  [
    "note",
    "visit",
    "remarks|clinical remarks|doctor remarks|advice|treatment advice:.9|clinical history:.8|history:.6|treatment:.6|remarks any",
  ],

  ["eventKind", "visit", "event type|record type|event kind|event|service type:.7|type:.3"],
  [
    "display",
    "condition",
    "diagnosis|provisional diagnosis|final diagnosis|diagnosis name|diagnosis description|primary diagnosis|diagnosis remarks:.7|illness:.8|condition:.9|icd description:.9|diagnosis text",
  ],
  [
    "code",
    "condition",
    "icd|icd code|diagnosis code|icd 10 code|diagnosis icd code|diagnosis icd|icd 10",
  ],
  ["at", "condition", "diagnosis date|onset date|diagnosis on"],

  [
    "display",
    "lab",
    "test name|test|lab test name|lab test|test description|service name:.7|test parameter|parameter name|lab name:.3|component:.6|lab report name:.7",
  ],
  [
    "code",
    "lab",
    "test code|loinc|loinc code|lab test code|test id:.7|parameter code|service code:.6",
  ],
  [
    "value",
    "lab",
    "result|value|test result|result value|test value|observation value|lab result|observation:.7",
  ],
  ["unit", "lab", "unit|result unit|test unit|value unit"],
  [
    "range",
    "lab",
    "reference range|range|reference|reference interval|reference value|biological reference interval|normal value|reference test range",
  ],
  ["flag", "lab", "flag|abnormal flag|abnormal|result flag|interpretation|high low"],
  [
    "at",
    "lab",
    "test date|result date:.9|report date:.9|sample date|sample date time|test date time|report date time|result date time|sample time:.6|lab date|date:.6|date time:.6|sample received date:.6|test on|report on|sample on|result on:.9",
  ],
  [
    "eventId",
    "lab",
    "sample no|sample id|lab no|report no|lab id|accession no|barcode:.7|lab reg no:.8|report id|order no:.8|order id:.8|sample barcode",
  ],

  [
    "display",
    "vaccination",
    "vaccine|vaccine name|vaccine type:.8|vaccine given|vaccine dose name:.8|name vaccine",
  ],
  ["code", "vaccination", "vaccine code|cvx|cvx code"],
  ["doseNumber", "vaccination", "dose no|dose|vaccine dose no|vaccine dose|dose sequence"],
  ["lot", "vaccination", "batch no|batch|vaccine batch no|vaccine batch|batch id:.8"],
  [
    "at",
    "vaccination",
    "vaccine date|vaccine on|dose date|vaccine date time|given date|administered date|administration date|date:.6|date given|session date:.8|given on",
  ],
  [
    "dueAt",
    "vaccination",
    "next due date|next dose date|next dose due|next dose due date|due date|next vaccine date|next due|next date:.8|next vaccine due date",
  ],
  ["eventId", "vaccination", "certificate no:.8|vaccine certificate id:.7|certificate id:.7"],

  [
    "display",
    "medication",
    "medicine|medicine name|drug item name:.8|item name:.6|prescription:.7|medicine description|prescribed medicine|name medicine",
  ],
  ["code", "medication", "medicine code|item code:.5"],
  ["dose", "medication", "dose|dose strength:.8|strength:.7|medicine dose"],
  ["route", "medication", "route|route administration|medicine route"],
  ["frequency", "medication", "frequency|dose frequency|schedule:.6|sig:.6"],
  [
    "quantity",
    "medication",
    "quantity|quantity issued|quantity dispensed|quantity prescribed|medicine quantity|issued quantity",
  ],
  [
    "at",
    "medication",
    "prescription date|issue date|dispensed date|prescribed date|medicine date|dispense date|issued on|dispensed on|date:.6|prescribed on",
  ],
  ["eventId", "medication", "prescription no|prescription id|indent no:.6"],

  [
    "display",
    "procedure",
    "procedure|procedure name|procedure done|procedure type:.7|procedure description|name procedure",
  ],
  ["code", "procedure", "procedure code"],
  ["at", "procedure", "procedure date|procedure date time|date:.6|procedure on"],
  ["eventId", "procedure", "procedure no|procedure id|procedure reg no:.7"],

  ["display", "allergy", "allergy|allergy name|allergy substance"],
  ["value", "allergy", "reaction|allergy reaction"],
  ["flag", "allergy", "severity"],

  [
    "dueAt",
    "appointment",
    "next visit date|follow up date|followup date|appointment date|review date|next appointment date|next follow up date|follow up|next visit|next visit due date|next follow up|next review date",
  ],

  ["eventId", "appointment", "appointment id|appointment no"],
  ["at", "appointment", "appointment on|appointment on date|date appointment made:.8"],
  ["display", "appointment", "reason|appointment reason|visit reason|visit purpose|purpose"],
  ["status", "appointment", "appointment status|status:.6"],
  ["eventId", "vaccination", "created no:.9|vaccine id:.7"],
  ["route", "vaccination", "route|site route|route administration"],
  ["eventId", "medication", "issue no|issue id|slip no:.7|medicine issue no"],
  ["eventId", "condition", "diagnosis id"],

  [
    null,
    "patient",
    "serial no|serial|serial id|token no|token|ward|ward name|ward no|bed|bed no|room no|room|amount|hospital name|hospital|hospital code|hospital type|facility id|created by|created time|category|category code|religion|caste|occupation|nationality|country|marital status|marital|status|created date:.6|receipt no|amount no|counter|counter no|user|user id|user name|scheme|scheme name|payment mode|password|pan no|ration card no|voter id|passport no|income|education|weight|height|title|prefix|salutation|referred from|referred by|unit name|ward unit|doctor unit|mlc no|mlc|age unit|department code|department id|opd room no|month|year|day|time|state code|district code|mother age|father age|father occupation|husband age|husband occupation|mother phone|mother aadhaar no|father aadhaar no|lab name|lab technician|sample type|test method|vaccine site|site|manufacturer|vaccine manufacturer|company|expiry date|vaccine expiry date|batch expiry date|session site|district hospital|vaccine centre|hospital district|guardian address|address proof|id proof|proof|photo|photo id|id type|doctor phone no|hospital phone|relation phone no|village code|locality code|city code|doctor room|icd version|doctor code|state hospital|queue no|opd type|patient type|patient category|patient status|visit count|total|count|fax|relation phone|relation address|house income|operator|machine|ip address|hospital address|death cause|hospital phone no|ot no|ot|reg no date|edd|lmp|edd date|lmp date|expected delivery date|last menstrual period|last menstrual period date|patient name address|name address|patient name age|name age|referral date|expiry|renewal date|sputum date|informant|informant name|asha name|asha|asha phone|asha phone no|anm name|anaesthetist|anesthetist|anaesthetist name",
  ],
];

interface Phrase {
  readonly field: MapField | null;
  readonly topic: Topic;
  readonly weight: number;
  readonly words: ReadonlySet<string>;
}

const phrases: readonly Phrase[] = entries.flatMap(([field, topic, text]) =>
  text.split("|").map((entry) => {
    const [phrase = "", weight = "1"] = entry.split(":");
    return { field, topic, weight: Number(weight), words: new Set(headerWords(phrase)) };
  }),
);

/** Words that say little by themselves: `Patient Mobile No` is `Mobile`. */
const lightWords: Readonly<Record<string, number>> = {
  patient: 0.25,
  no: 0.4,
  full: 0.2,
  current: 0.2,
  code: 0.4,
  id: 0.5,
  details: 0.15,
  detail: 0.15,
  english: 0.15,
  name: 0.7,
  date: 0.7,
  time: 0.25,
  year: 0.4,
  month: 0.3,
};

/** `Name` is not half of `Last Name`: so much of the words must be common. */
const leastOverlap = 0.66;

/** Every meaning a header may have, the likeliest first; none for a header that says nothing known. */
export function headerMeanings(header: string): readonly HeaderMeaning[] {
  const best = new Map<string, HeaderMeaning>();
  for (const [index, variant] of headerVariants(header).entries()) {
    // A part of a header says less than the whole: `Age/Sex` is neither.
    const share = index === 0 ? 1 : 0.93;
    const words = new Set(headerWords(variant).map(withoutSlip));
    if (words.size === 0) continue;
    for (const phrase of phrases) {
      const common = overlap(words, phrase.words);
      if (common < leastOverlap) continue;
      const likeness = common * phrase.weight * share;
      const key = `${phrase.field} ${phrase.topic}`;
      if ((best.get(key)?.likeness ?? 0) < likeness)
        best.set(key, { field: phrase.field, topic: phrase.topic, likeness });
    }
  }
  return [...best.values()].sort((a, b) => b.likeness - a.likeness);
}

/** How surely a header says that its column holds what no field takes: 0 to 1. */
export function isKnownHeader(text: string): boolean {
  if (/\d{4,}/.test(text) || text.length > 60) return false;
  return (headerMeanings(text)[0]?.likeness ?? 0) >= 0.6;
}

function weightOf(word: string): number {
  return lightWords[word] ?? 1;
}

/** Twice the weight of the common words over the weight of all (Dice). */
function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  let all = 0;
  for (const word of left) {
    all += weightOf(word);
    if (right.has(word)) common += weightOf(word);
  }
  for (const word of right) all += weightOf(word);
  return all === 0 ? 0 : (2 * common) / all;
}

const slips = new Map<string, string>();

/** `Pateint`, `Adress`: the word of the vocabulary that is one slip away (two in long words); else the word itself. */
function withoutSlip(word: string): string {
  if (word.length < 5 || isKnownWord(word)) return word;
  let meant = slips.get(word);
  if (meant === undefined) {
    const reach = word.length >= 9 ? 2 : 1;
    const near = vocabulary().find(
      (known) =>
        Math.abs(known.length - word.length) <= reach && editDistance(known, word) <= reach,
    );
    meant = near === undefined ? word : canonicalWord(near);
    if (slips.size < 10_000) slips.set(word, meant);
  }
  return meant;
}
