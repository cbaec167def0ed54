/** How clerks change a name: usual variants, loose transliteration, slips of the finger. */
import type { Random } from "./random.ts";

/** Spellings in daily use for one name; any of a group may stand for any other. */
const variantGroups: readonly (readonly [string, ...string[]])[] = [
  ["Mohammad", "Mohd", "Md", "Mohammed", "Muhammad", "Mohd."],
  ["Kumari", "Km", "Kumri", "Km."],
  ["Kumar", "Kr", "Kumaar", "Kr."],
  ["Choudhary", "Chaudhary", "Chaudhari", "Chowdhury", "Choudhry"],
  ["Sheikh", "Shaikh", "Sk"],
  ["Begum", "Begam"],
  ["Khatoon", "Khatun", "Khatoun"],
  ["Hussain", "Husain", "Hussein"],
  ["Ahmad", "Ahmed", "Ahamad"],
  ["Lakshmi", "Laxmi"],
  ["Singh", "Sing", "Sinh"],
  ["Sharma", "Sarma"],
  ["Saxena", "Saksena"],
  ["Mishra", "Misra"],
  ["Pandey", "Pande"],
  ["Dubey", "Dube"],
  ["Devi", "Debi"],
  ["Gurpreet", "Gurprit"],
  ["Thomas", "Tomas"],
  ["Joseph", "Josef"],
];
const variants = new Map(variantGroups.flatMap((group) => group.map((name) => [name, group])));

/** Letter groups that sound alike; the first rule that applies from a random start is used. */
const soundRules: readonly (readonly [from: RegExp, to: string])[] = [
  [/ee/, "i"],
  [/oo/, "u"],
  [/aa/, "a"],
  [/v/, "w"],
  [/z/, "j"],
  [/ph/, "f"],
  [/sh/, "s"],
  [/ksh/, "x"],
  [/th/, "t"],
  [/w/, "v"],
  [/(?<=[bcdfgjklmnprst])i(?=[bcdfgjklmnprst])/, "ee"],
  [/u(?=[bcdfgjklmnprst])/, "oo"],
  [/(?<=[bcdfgjklmnprst])a(?=[bcdfgjklmnprst])/, "aa"],
  [/([dklnrst])\1/, "$1"],
  [/(?<=[nrst])a$/, ""],
];

/** Another spelling of the same name; the same spelling where no rule applies. Never empty. */
export function respelled(name: string, random: Random): string {
  const group = variants.get(name);
  if (group !== undefined) return random.pick(group);
  const start = random.between(0, soundRules.length - 1);
  for (let step = 0; step < soundRules.length; step++) {
    const rule = soundRules[(start + step) % soundRules.length];
    if (rule?.[0].test(name)) return name.replace(rule[0], rule[1]);
  }
  return name;
}

/** One slip of the finger: a letter swapped, doubled, dropped or replaced, never the first one. */
export function mistyped(name: string, random: Random): string {
  if (name.length < 4) return name;
  const at = random.between(1, name.length - 2);
  const before = name.slice(0, at);
  const letter = name.slice(at, at + 1);
  const after = name.slice(at + 1);
  switch (random.between(0, 3)) {
    case 0:
      return `${before}${after.slice(0, 1)}${letter}${after.slice(1)}`;
    case 1:
      return `${before}${letter}${letter}${after}`;
    case 2:
      return `${before}${after}`;
    default:
      return `${before}${"aeiounrst".charAt(random.between(0, 8))}${after}`;
  }
}

/** Another digit somewhere behind the second place of a number. */
export function misdialed(digits: string, random: Random): string {
  const at = random.between(2, digits.length - 1);
  const digit = (Number(digits[at]) + random.between(1, 9)) % 10;
  return `${digits.slice(0, at)}${digit}${digits.slice(at + 1)}`;
}
