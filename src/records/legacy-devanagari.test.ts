import { describe, expect, test } from "vitest";
import { fromKrutiDev, legacyVerdict } from "./legacy-devanagari.ts";

test.each([
  ["jke dqekj", "राम कुमार"],
  ["lquhrk nsoh", "सुनीता देवी"],
  ["'kekZ", "शर्मा"],
  ["oekZ", "वर्मा"],
  ["fot; dqekj", "विजय कुमार"],
  ["v'kksd xqIrk", "अशोक गुप्ता"],
  ["ukjk;.k flag", "नारायण सिंह"],
  ["jk/kk", "राधा"],
  ["eksgEen", "मोहम्मद"],
  ["fnYyh", "दिल्ली"],
  ["Jherh dkUrk", "श्रीमती कान्ता"],
  ["vkfFkZd", "आर्थिक"],
  ["f[kM+dh", "खिड़की"],
  ["izdk'k", "प्रकाश"],
  ["jkes'oj", "रामेश्वर"],
  ["HkkbZ", "भाई"],
  ["y{eh", "लक्ष्मी"],
  ["dSyk'k", "कैलाश"],
  ["vkse izdk'k", "ओम प्रकाश"],
  ["xkao&ƒå", "गांव-१०"],
])("%s is %s", (typed, text) => {
  expect(fromKrutiDev(typed)).toBe(text);
});

describe("names in Latin letters", () => {
  test.each([
    "H.No. 12, Gali 3",
    "c/o Asha",
    "John Smith",
    "D'Souza",
    "O'Brien",
    "r/o village Kanjhawala",
    "Mrs. Lynn Pyle",
    "",
    "12345",
    "राम कुमार",
  ])("%j is left alone", (text) => {
    expect(legacyVerdict(text)).toBe("no");
  });
});

/** Typed as a typist would: the keys whose drawing is the name. */
const typed = [
  "jke dqekj",
  "lquhrk nsoh",
  "fot; dqekj",
  "v'kksd xqIrk",
  "ukjk;.k flag",
  "eksgEen bejku",
  "jkts'k 'kekZ",
  "iwtk ;kno",
  "deyk nsoh",
  "jes'k pUnz",
  "g;kr ckuks",
  "/keZsUnz flag",
  "y{eh nsoh",
  "dSyk'k oekZ",
  "vkse izdk'k",
  "eukst feJk",
  "lqjs'k dqekj",
  "vuhrk jkuh",
  "xhrk nsoh",
  "jkekorkj",
];

test("names typed in the font are recognised, nearly all for sure", () => {
  const verdicts = typed.map(legacyVerdict);
  expect(verdicts.filter((verdict) => verdict === "no")).toEqual([]);
  expect(verdicts.filter((verdict) => verdict === "sure").length).toBeGreaterThan(
    typed.length * 0.8,
  );
});
