/** Codes of sex and relation in the spellings of exports, beyond those that records are read with. */
import { sexOf } from "../records/sex-code.ts";

/** Read from a cell without being told: `hims run` knows them. */
type SexWord = "male" | "female" | "other" | "unknown";

const sexes: Readonly<Record<SexWord, string>> = {
  male: "boy|b|man|gents|gent|mc|male child|mch|m/c|male.|m.|purush|pu|aadmi|ladka|balak|purus|पु.|पुरूष|पुं|पुरुष.|लड़का|बालक|आदमी|नर|mle|men",
  female:
    "girl|g|woman|w|ladies|lady|fc|female child|fch|f/c|f.|female.|mahila|stri|aurat|ladki|balika|म.|मादा|स्त्री.|औरत|लड़की|बालिका|fem|femal|women",
  other:
    "tr|trans|trans gender|third gender|kinnar|tg.|others|3rd gender|अन्य.|किन्नर|ट्रांसजेंडर|transgender (t)|oth|x|i|intersex",
  unknown: "not specified|unspecified|undisclosed|nk|ns|not disclosed|ambiguous|अज्ञात",
};
const sexWords = tableOf(sexes);

/** The sex a code stands for in any spelling we know; null for other texts. */
export function sexMeaning(text: string): SexWord | null {
  const code = text.trim().toLowerCase().normalize("NFC");
  return sexOf(code) ?? sexWords.get(code) ?? null;
}

type Relation = "father" | "mother" | "husband" | "wife" | "guardian";

const relations: Readonly<Record<Relation, string>> = {
  father: "f|father|s/o|d/o|son of|daughter of|so|do|s/d|s/o.|d/o.|s|d|pita|पिता|father's|पुत्र|पुत्री",
  mother: "m|mother|mata|माता|माँ|m/o|mother's",
  husband: "h|husband|w/o|wo|wife of|w|w/o.|pati|पति|पत्नी|husband's|spouse",
  wife: "wife|h/o|ho|husband of|patni",
  guardian:
    "g|guardian|c/o|co|care of|c|other|attendant|brother|sister|uncle|aunt|son|daughter|grandfather|grandmother|friend|relative|अभिभावक|संरक्षक|b/o|brother of|भाई|बेटा|बेटी",
};
const relationWords = tableOf(relations);

/** Whose name the relative's is, for a code of a relation column; null for other texts. */
export function relationMeaning(text: string): Relation | null {
  return relationWords.get(text.trim().toLowerCase().normalize("NFC")) ?? null;
}

function tableOf<Word extends string>(
  words: Readonly<Record<Word, string>>,
): ReadonlyMap<string, Word> {
  const table = new Map<string, Word>();
  for (const [word, codes] of Object.entries(words) as [Word, string][])
    for (const code of codes.split("|")) table.set(code.normalize("NFC"), word);
  return table;
}

/**
 * `values:` for a column of codes: those that records are not read with by themselves. Only codes from our own tables, so that
 * nothing a patient is called can get into a pipeline file.
 */
export function codeValues(
  field: "sex" | "relationType",
  codes: Iterable<string>,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const code of codes) {
    const text = code.trim();
    const meaning = field === "sex" ? sexMeaning(text) : relationMeaning(text);
    if (meaning === null) continue;
    const isReadAnyway = field === "sex" ? sexOf(text) !== null : text.toLowerCase() === meaning;
    if (!isReadAnyway) values[text] = meaning;
  }
  return values;
}
