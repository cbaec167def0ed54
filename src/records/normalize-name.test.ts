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
    ["डा० राम लाल", "राम लाल"],
    ["कु. रीना", "रीना"],
    ["स्व० श्रीमति कमला", "कमला"],
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
    ["Ram S\\O Mohan", "Ram", "Mohan", "father"],
    ["Ram s/0 Mohan", "Ram", "Mohan", "father"],
    ["Sita wife of Ram", "Sita", "Ram", "husband"],
    ["Sita, daughter of Late Sh. Mohan", "Sita", "Mohan", "father"],
    ["राम पुत्र श्री मोहन", "राम", "मोहन", "father"],
    ["राम सुपुत्र श्री मोहन", "राम", "मोहन", "father"],
    ["श्रीमती सीता पत्नी राम", "सीता", "राम", "husband"],
    ["सीता पति: राम", "सीता", "राम", "husband"],
    ["सीता पिता श्री मोहन", "सीता", "मोहन", "father"],
    ["B/O Sunita Devi", "Baby of Sunita Devi", "Sunita Devi", "mother"],
    ["Baby of Smt. Sunita Devi", "Baby of Sunita Devi", "Sunita Devi", "mother"],
    ["New born baby girl of Sunita W/O Ram", "Baby of Sunita", "Sunita", "mother"],
    ["Twin-2 of Sunita", "Baby of Sunita", "Sunita", "mother"],
    ["Rani B/O Sunita", "Rani", "Sunita", "mother"],
    ["Baby-of Sunita", "Baby of Sunita", "Sunita", "mother"],
    ["NB of Sunita", "Baby of Sunita", "Sunita", "mother"],
    ["B/O Sunita Twin-1", "Baby of Sunita Twin-1", "Sunita", "mother"],
    ["Baby of Sunita (II)", "Baby of Sunita (II)", "Sunita", "mother"],
    ["B/O Sunita B", "Baby of Sunita B", "Sunita B", "mother"],
    ["Sita Devi (W/O Ram Lal)", "Sita Devi", "Ram Lal", "husband"],
    ["Sita w/o Ram (Retd)", "Sita", "Ram (Retd)", "husband"],
    ["Ram S/O Mohan S/O Hari", "Ram", "Mohan", "father"],
    ["Ram s/o Mohan R/o Rohini Sec 3", "Ram", "Mohan", "father"],
  ])("%s names a relation", (text, name, relationName, relationType) => {
    expect(normalizeName(text)).toEqual({ name, relationName, relationType });
  });

  test.each(["माता प्रसाद", "पत्नी", "पशुपति राव", "Baby Rani", "Sonof Khan", "Hari Das"])(
    "%s has none",
    (text) => {
      expect(normalizeName(text)).toEqual({ name: text, relationName: null, relationType: null });
    },
  );

  test("where somebody lives is no part of the name", () => {
    expect(normalizeName("Ram Lal R/O Narela").name).toBe("Ram Lal");
    expect(normalizeName("R/O Narela").name).toBe("R/O Narela");
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
