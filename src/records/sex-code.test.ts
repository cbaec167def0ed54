import { expect, test } from "vitest";
import { sexOf } from "./sex-code.ts";

test.each([
  ["M", "male"],
  ["m.", "male"],
  ["1", "male"],
  ["१", "male"],
  ["पु", "male"],
  ["पु.", "male"],
  ["पुरूष", "male"],
  ["Boy", "male"],
  ["F", "female"],
  ["2", "female"],
  ["म", "female"],
  ["लड़की", "female"],
  ["लड\u093cकी", "female"],
  ["स्त्री", "female"],
  ["T", "other"],
  ["TransGender", "other"],
  ["Third Gender", "other"],
  ["किन्नर", "other"],
  ["O", "other"],
  ["Unknown", "unknown"],
  ["अज्ञात", "unknown"],
])("%s is %s", (code, sex) => {
  expect(sexOf(code)).toBe(sex);
});

test.each(["x", "mf", "4", ""])("%j is no code", (code) => {
  expect(sexOf(code)).toBeNull();
});
