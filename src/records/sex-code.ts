/** How exports write a sex. */
import type { Sex } from "./patient-record.ts";

const sexes: Readonly<Record<string, Sex>> = {
  m: "male",
  male: "male",
  "1": "male",
  पु: "male",
  पुरुष: "male",
  f: "female",
  female: "female",
  "2": "female",
  म: "female",
  महिला: "female",
  स्त्री: "female",
  o: "other",
  t: "other",
  tg: "other",
  other: "other",
  transgender: "other",
  "3": "other",
  अन्य: "other",
};
const unknownSex = new Set(["u", "unknown", "na", "n/a", "-", "0", "9", "not known"]);

/** The sex a code stands for, in whatever case; `unknown` where it says so, null for a code nobody knows. */
export function sexOf(text: string): Sex | "unknown" | null {
  const code = text.trim().toLowerCase();
  return unknownSex.has(code) ? "unknown" : (sexes[code] ?? null);
}
