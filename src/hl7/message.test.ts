import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMessage, encodeText } from "./charset.ts";
import { standardDelimiters } from "./delimiters.ts";
import { escapeText, unescapeText } from "./escape.ts";
import { type Hl7Message, parseMessage } from "./message.ts";
import { parsePath, readPath } from "./path.ts";

function aMessage(text: string, charset = "utf-8"): Hl7Message {
  const read = parseMessage({ text, charset, defect: null });
  if (!read.ok) throw new Error(`not a message: ${read.reasons[0]?.rule}`);
  return read.value;
}

function at(message: Hl7Message, path: string): string | null | undefined {
  const read = parsePath(path);
  if (!read.ok) throw new Error("not a path");
  return readPath(message, read.value);
}

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("delimiters", () => {
  test("are the message's own", () => {
    const message = aMessage("MSH#!@%*#A#B#####ADT!A01#7\rPID#1##12345!!!MRN@6##DOE!JOHN*ANN");

    expect(message.type).toBe("ADT");
    expect(message.trigger).toBe("A01");
    expect([at(message, "PID-3.4"), at(message, "PID-3[2]"), at(message, "PID-5.2.2")]).toEqual([
      "MRN",
      "6",
      "ANN",
    ]);
  });

  test.each([
    ["a fifth sign for truncation", "MSH|^~\\&#|A", { truncation: "#", escape: "\\" }],
    [
      "three signs without escape",
      "MSH|^~&|A",
      { repetition: "~", escape: null, subcomponent: "&" },
    ],
    [
      "three signs without repetition",
      "MSH|^\\&|A",
      { repetition: null, escape: "\\", subcomponent: "&" },
    ],
    ["a doubled backslash", "MSH|^~\\\\&|A", { escape: "\\", subcomponent: "&" }],
  ])("may have %s", (_name, text, expected) => {
    expect(aMessage(text).delimiters).toMatchObject(expected);
  });

  test.each([
    "MSH|&&&&|A",
    "MSH||A",
    "MSH|^~|A",
    "MSH|^~\\&#!|A",
    "MSH|abcd|A",
    "MSH|^~|&|A",
    "MSH| ~\\&|A",
  ])("of the set in %j are refused with a rule", (text) => {
    const read = parseMessage({ text, charset: "utf-8", defect: null });

    expect(read).toMatchObject({
      ok: false,
      reasons: [{ rule: "delimiters_invalid", segment: "MSH[1]-2" }],
    });
  });
});

describe("segments", () => {
  test("count MSH fields as the standard does", () => {
    const message = aMessage("MSH|^~\\&|APP|FAC||||||7\rPID|1");

    expect([message.header.field(1), message.header.field(2), at(message, "MSH-3")]).toEqual([
      "|",
      "^~\\&",
      "APP",
    ]);
  });

  test("keep a lone LF as data when segments end with CR, and split at LF when none does", () => {
    expect(aMessage("MSH|^~\\&|A\rNTE|1||a\nPV1|b\rPV1|1").segments).toHaveLength(3);
    expect(aMessage("MSH|^~\\&|A\nNTE|1||a\nPV1|1").segments).toHaveLength(3);
  });

  test("end at CR and CRLF in one message, and blank lines are none", () => {
    const names = aMessage("MSH|^~\\&|A\r\nPID|1\r\n\r\nPV1|1\rDG1|1").segments.map(
      ({ name }) => name,
    );

    expect(names).toEqual(["MSH", "PID", "PV1", "DG1"]);
  });

  test("take up a line that starts no segment, with its line end", () => {
    const message = aMessage("MSH|^~\\&|A\nNTE|1||first\nsecond line\nPV1|1");

    expect(at(message, "NTE-3")).toBe("first\nsecond line");
  });

  test("are continued by ADD", () => {
    expect(at(aMessage("MSH|^~\\&|A\rOBX|1|TX|||long\rADD| text"), "OBX-5")).toBe("long text");
  });

  test("are numbered by name", () => {
    const message = aMessage("MSH|^~\\&|A\rOBX|1||||5\rNTE|1\rOBX|2||||6");

    expect(at(message, "OBX[2]-5")).toBe("6");
    expect(message.segments[3]?.coordinate(5)).toBe("OBX[2]-5");
  });
});

describe("values", () => {
  const message = aMessage('MSH|^~\\&|A\rPID|1||X^^^A^PI~~12^^^B&1.2&ISO^MR||""|""^Ann|0012.50|');

  test("tell empty from deleted", () => {
    expect([
      at(message, "PID-5"),
      at(message, "PID-9"),
      at(message, "PID-6.1"),
      at(message, "PID-6.2"),
    ]).toEqual([null, undefined, null, "Ann"]);
  });

  test("are found by repetition number and by a component's text", () => {
    expect([
      at(message, "PID-3[3].1"),
      at(message, "PID-3[5=MR].4.2"),
      at(message, "PID-3[5=PT]"),
    ]).toEqual(["12", "1.2", undefined]);
  });

  test("are never numbers", () => {
    expect(at(message, "PID-7")).toBe("0012.50");
  });

  test.each(["PID", "PID-0", "pid-3", "PID-3[", "PID-3.", "PID[0]-1", "PID-3[5=]"])(
    "path %j is refused",
    (path) => {
      expect(parsePath(path)).toEqual({ ok: false, reasons: ["hl7_path_invalid"] });
    },
  );
});

describe("escapes", () => {
  const context = { delimiters: standardDelimiters, charset: "utf-8" };

  test.each([
    ["\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\"],
    ["\\XE0A4B0\\", "र"],
    ["\\XE0\\\\XA4B0\\", "र"],
    ["\\X0D\\\\X0A\\", "\r\n"],
    ["\\XFF\\", "ÿ"],
    ["\\E\\T\\E\\", "\\T\\"],
    ["a\\.br\\b\\.sp2\\c", "a\nb\n\nc"],
    ["\\H\\bold\\N\\", "bold"],
    ["4\\5 mg", "4\\5 mg"],
    ["4\\5 mg\\T\\kg", "4\\5 mg&kg"],
    ["end\\", "end\\"],
    ["\\Zxy\\ \\C2842\\ \\X0\\", "\\Zxy\\ \\C2842\\ \\X0\\"],
  ])("%j mean %j", (text, meant) => {
    expect(unescapeText(text, context)).toBe(meant);
  });

  test("bytes are read in the message's own charset", () => {
    expect(unescapeText("\\XE9\\", { ...context, charset: "windows-1252" })).toBe("é");
  });

  test("any text survives being escaped and unescaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(unescapeText(escapeText(text, standardDelimiters), context)).toBe(text);
      }),
    );
  });

  test("no text makes unescaping throw", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("\\", "X", "0", "F", ".", "br", "sp", "9", "A")),
        (parts) => {
          expect(typeof unescapeText(parts.join(""), context)).toBe("string");
        },
      ),
    );
  });
});

describe("charsets", () => {
  const header = (charset: string) => `MSH|^~\\&|A|||||||7|P|2.5||||||${charset}\rPID|1||`;

  test.each([
    ["", "utf-8"],
    ["UNICODE UTF-8", "utf-8"],
    ["8859/1", "windows-1252"],
    ["8859/5~UNICODE", "iso-8859-5"],
  ])("MSH-18 %j is read as %s", (declared, charset) => {
    expect(decodeMessage(latin1(header(declared)), null)).toMatchObject({ charset, defect: null });
  });

  test("bytes that are not what is said fall back to Windows-1252 and are reported", () => {
    const read = decodeMessage(latin1(`${header("UNICODE UTF-8")}Ren\xe9\x80`), null);

    expect(read.text.endsWith("René€")).toBe(true);
    expect(read).toMatchObject({ charset: "windows-1252", defect: { rule: "charset_fallback" } });
  });

  test("an unknown name is reported where it matters", () => {
    expect(decodeMessage(latin1(header("ISO IR 999")), null).defect).toBeNull();
    expect(decodeMessage(latin1(`${header("ISO IR 999")}\xc3\xa9`), null).defect?.rule).toBe(
      "charset_unknown",
    );
  });

  test("the source's own setting outranks MSH-18", () => {
    expect(decodeMessage(latin1(`${header("UTF-8")}\xe9`), "iso-8859-2").charset).toBe(
      "iso-8859-2",
    );
  });

  test.each(["utf-8", "windows-1252", "iso-8859-5"])(
    "an untouched message has the bytes it was read from (%s)",
    (charset) => {
      const text = `${header("")}Müller`.replace("ü", charset === "iso-8859-5" ? "ж" : "ü");
      const bytes = encodeText(text, charset);

      expect(bytes).not.toBeNull();
      expect(aMessage(decodeMessage(bytes ?? latin1(""), charset).text).text).toBe(text);
    },
  );

  test("a character that the charset lacks is not encoded as another", () => {
    expect(encodeText("र", "windows-1252")).toBeNull();
  });
});
