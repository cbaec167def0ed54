/** Age and sex in one column, as printed registers have them: `45/M`, `6 months / F`, `45Y M`, `पु/45`. */
import { sexOf } from "./sex-code.ts";
import { maxParsedLength } from "./text-limit.ts";

/** What a cell says of each; null for what it does not say. */
export interface AgeAndSex {
  readonly age: string | null;
  readonly sex: string | null;
}

const outer = /^[\s/,|;-]+|[\s/,|;-]+$/gu;
const word = "[\\p{L}\\p{M}.]+(?: gender)?";
const sexLast = new RegExp(`^(.*?\\p{Nd}[^/,|;()]*?)(\\s*[/,|;(-]\\s*|\\s*)(${word})\\)?$`, "iu");
const sexFirst = new RegExp(`^(${word})\\s*[\\s/,|;(-]\\s*(.*\\p{Nd}[^)]*)\\)?$`, "iu");
/** Bare digits: with nothing but an M after them they may be months. */
const bare = /^\p{Nd}+$/u;

/**
 * The two parts of a cell. A cell that has only one of them is given whole as that, and whoever reads it tells what is
 * wrong. `18 M` may be a man or a child of months: it is given as both, and read as neither.
 */
export function ageAndSex(text: string): AgeAndSex {
  if (text.length > maxParsedLength) return { age: text, sex: null };
  const trimmed = text.trim().replace(outer, "");
  if (!/\p{Nd}/u.test(trimmed)) return { age: null, sex: trimmed === "" ? null : trimmed };
  const last = sexLast.exec(trimmed);
  const [, age = "", sign = "", sex = ""] = last ?? [];
  const isClear = sign.trim() !== "" || !bare.test(age) || !/^m$/i.test(sex);
  if (last !== null && !isClear) return { age: trimmed, sex: trimmed };
  if (last !== null && sexOf(sex) !== null) return { age: age.trim(), sex };
  const first = sexFirst.exec(trimmed);
  const [, before = "", after = ""] = first ?? [];
  if (first !== null && sexOf(before) !== null) return { age: after.trim(), sex: before };
  return { age: trimmed, sex: null };
}
