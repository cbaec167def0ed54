/** How exports write a sex. */
import { asciiDigits } from "./digits.ts";
import type { Sex } from "./patient-record.ts";

const words: Readonly<Record<string, Sex>> = {
  m: "male",
  male: "male",
  "1": "male",
  पु: "male",
  पुरुष: "male",
  पुरूष: "male",
  पुं: "male",
  मेल: "male",
  लड़का: "male",
  बालक: "male",
  man: "male",
  boy: "male",
  f: "female",
  female: "female",
  "2": "female",
  म: "female",
  महिला: "female",
  स्त्री: "female",
  औरत: "female",
  फीमेल: "female",
  लड़की: "female",
  बालिका: "female",
  woman: "female",
  girl: "female",
  o: "other",
  t: "other",
  tg: "other",
  other: "other",
  transgender: "other",
  trans: "other",
  "third gender": "other",
  intersex: "other",
  ट्रांसजेंडर: "other",
  किन्नर: "other",
  तृतीय: "other",
  "3": "other",
  अन्य: "other",
};
/** One spelling each: ड़ may be written as one sign or two. */
const sexes = new Map(
  Object.entries(words).map(([code, sex]) => [code.normalize("NFC"), sex] as const),
);
const unknownSex = new Set(["u", "unknown", "na", "n/a", "-", "0", "9", "not known", "अज्ञात"]);

/** The sex a code stands for, in whatever case; `unknown` where it says so, null for a code nobody knows. */
export function sexOf(text: string): Sex | "unknown" | null {
  const code = asciiDigits(text).normalize("NFC").trim().replace(/\.$/, "").toLowerCase();
  return unknownSex.has(code) ? "unknown" : (sexes.get(code) ?? null);
}
