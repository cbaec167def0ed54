import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeName, squeeze } from "./normalize-name.ts";

describe("titles", () => {
  test.each([
    ["SHRI RAM LAL", "RAM LAL"],
    ["Smt. Sunita Devi", "Sunita Devi"],
    ["Dr. Mrs. Gita Rao", "Gita Rao"],
    ["Late Sh. Mohan", "Mohan"],
    ["श्रीमती सुनीता देवी", "सुनीता देवी"],
    ["श्री राम लाल", "राम लाल"],
  ])("%s loses its title", (text, name) => {
    expect(normalizeName(text).name).toBe(name);
  });

  test.each(["Kumari", "Shrikant Rao", "Mrinal Sen", "Missri Lal", "Kumar Shri"])(
    "%s has none",
    (text) => {
      expect(normalizeName(text).name).toBe(text);
    },
  );
});

describe("relations", () => {
  test.each([
    ["RAM LAL S/O MOHAN LAL", "RAM LAL", "MOHAN LAL", "father"],
    ["Sita d/o Shri Mohan", "Sita", "Mohan", "father"],
    ["Gita W / o. Ram", "Gita", "Ram", "husband"],
    ["Asha, W/O: Ram", "Asha", "Ram", "husband"],
    ["Baby C/O Asha Home", "Baby", "Asha Home", "guardian"],
  ])("%s names a relation", (text, name, relationName, relationType) => {
    expect(normalizeName(text)).toEqual({ name, relationName, relationType });
  });

  test("a relation without a name is none", () => {
    expect(normalizeName("RAM LAL S/O")).toEqual({
      name: "RAM LAL",
      relationName: null,
      relationType: null,
    });
  });
});

test.each(["", "-", "...", "  ", "--/--"])("%j is no name", (text) => {
  expect(normalizeName(text).name).toBeNull();
});

test("controls, escapes of terminals and zero-width signs are taken out", () => {
  expect(squeeze("\u001b[31mRam\u0007\u200b\t Lal\ufeff")).toBe("[31mRam Lal");
});

test("a squeezed text stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(squeeze(squeeze(text))).toBe(squeeze(text));
    }),
  );
});
