import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMessage } from "./charset.ts";
import { type FramerOptions, type Hl7Frame, Hl7Framer } from "./frame.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const adt = (id: string, end = "\r") =>
  `MSH|^~\\&|A|B|||20260301||ADT^A01|${id}|P|2.5${end}PID|1||${id}${end}`;

function framesOf(
  bytes: Uint8Array,
  chunk = bytes.length,
  options: FramerOptions = {},
): Hl7Frame[] {
  const framer = new Hl7Framer(options);
  const frames: Hl7Frame[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, chunk)) {
    frames.push(...framer.push(bytes.slice(at, at + Math.max(1, chunk))));
  }
  return [...frames, ...framer.end()];
}

const kindsOf = (text: string) => framesOf(bytesOf(text)).map((frame) => frame.kind);
const textsOf = (frames: readonly Hl7Frame[]) =>
  frames.flatMap((frame) =>
    frame.kind === "message" ? [decodeMessage(frame.content, null).text] : [],
  );
const linesIn = (text: string) => {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.at(-1) === "" ? lines.length - 1 : lines.length;
};

describe("messages", () => {
  test.each([
    ["CR", "\r"],
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])("are cut at each header with %s line ends", (_name, end) => {
    const texts = textsOf(framesOf(bytesOf(adt("1", end) + adt("2", end))));

    expect(texts).toEqual([
      adt("1", end).slice(0, -end.length),
      adt("2", end).slice(0, -end.length),
    ]);
  });

  test("are found after a first one that was overwritten with NUL, which is no UTF-16", () => {
    const torn = `M${"\u0000".repeat(20)}${adt("1").slice(21)}`;
    expect(textsOf(framesOf(bytesOf(torn + adt("2"))))).toEqual([adt("2").slice(0, -1)]);
  });

  test("are cut where line ends are mixed", () => {
    expect(kindsOf(adt("1", "\r") + adt("2", "\n") + adt("3", "\r\n"))).toEqual([
      "message",
      "message",
      "message",
    ]);
  });

  test("are cut by their own field separator", () => {
    expect(kindsOf(`${adt("1")}MSH#!@%*#A#B\rPID#1\r`)).toEqual(["message", "message"]);
  });

  test("keep a lone LF as data where segments end with CR, even before the letters MSH", () => {
    const text = "MSH|^~\\&|A|B\rPID|1||7\rNTE|1||they wrote\nMSH|^ in a note\rPV1|1|I\r";

    expect(textsOf(framesOf(bytesOf(text)))).toEqual([text.slice(0, -1)]);
  });

  test("are not swallowed when a whole header follows a lone LF", () => {
    expect(kindsOf(`${adt("1").slice(0, -1)}\n${adt("2")}`)).toEqual(["message", "message"]);
  });

  test("lose MLLP bytes, byte order marks and blank lines around them and nothing else", () => {
    const frames = framesOf(
      bytesOf(`\ufeff\r\n\u000b${adt("1")}\u001c\r\u000b${adt("2")}\u001c\r`),
    );

    expect(textsOf(frames)).toEqual([adt("1").slice(0, -1), adt("2").slice(0, -1)]);
    expect(frames[0]?.place).toEqual({
      line: 2,
      lineCount: 2,
      offset: 6,
      length: adt("1").length - 1,
    });
  });

  test("hold blank lines between their segments", () => {
    expect(textsOf(framesOf(bytesOf("MSH|^~\\&|A\n\nPID|1\n")))).toEqual(["MSH|^~\\&|A\n\nPID|1"]);
  });

  test.each([
    ["little", true],
    ["big", false],
  ])("are read from UTF-16 files, %s endian", (_name, littleEndian) => {
    const text = `\ufeff${adt("रवि", "\r\n")}`;
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at += 1)
      view.setUint16(at * 2, text.charCodeAt(at), littleEndian);

    const frames = framesOf(bytes, 5);

    expect(textsOf(frames)).toEqual([adt("रवि", "\r\n").slice(0, -2)]);
    expect(frames[0]?.place).toMatchObject({
      line: 1,
      lineCount: 2,
      offset: 2,
      length: bytes.length - 6,
    });
  });
});

describe("what is no message", () => {
  test("batch segments are layout", () => {
    const text = `FHS|^~\\&|A\rBHS|^~\\&|A\r${adt("1")}BTS|1\rFTS|1\n`;

    expect(kindsOf(text)).toEqual(["layout", "layout", "message", "layout", "layout"]);
  });

  test("lines between messages are one stretch, with its lines", () => {
    const frames = framesOf(bytesOf(`${adt("1")}--- log\rmore log\r\r${adt("2")}`));

    expect(frames.map((frame) => frame.kind)).toEqual(["message", "garbage", "message"]);
    expect(frames[1]?.place).toMatchObject({ line: 3, lineCount: 2 });
  });

  test("a line that is no segment stays in its message when a segment follows", () => {
    expect(kindsOf("MSH|^~\\&|A\nNTE|1||first\nsecond line\nPV1|1\n")).toEqual(["message"]);
  });

  test("segments without a header are one stretch", () => {
    expect(kindsOf("PID|1||7\rPV1|1\r")).toEqual(["garbage"]);
  });

  test("segments after the end of an MLLP block are not added to the message before it", () => {
    expect(kindsOf(`${adt("1")}\u001c\rPID|2||other\r`)).toEqual(["message", "garbage"]);
  });

  test("a message above the limit is given up, and the next one is found", () => {
    const long = `MSH|^~\\&|A\rOBX|1|TX|${"x".repeat(500)}\rPV1|1\r`;
    const frames = framesOf(bytesOf(long + adt("2")), 50, { maxMessageUnits: 200 });

    expect(frames.at(-1)?.kind).toBe("message");
    expect(frames[0]).toMatchObject({ kind: "garbage", why: "too_long" });
    expect(frames.reduce((lines, frame) => lines + frame.place.lineCount, 0)).toBe(5);
  });
});

const pieces = fc.constantFrom(
  "MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5",
  "MSH#!@%*#A",
  "MSH|",
  "PID|1||7",
  "FHS|^~\\&|",
  "BTS|1",
  "text",
  "रवि",
  "",
  " ",
  "\u001c",
  "\u000b",
  "\r",
  "\n",
  "\r\n",
);

test("any bytes in any chunks give the same frames as in one piece", () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 25 }),
      fc.integer({ min: 1, max: 40 }),
      (parts, chunk) => {
        const bytes = bytesOf(parts.join(""));
        expect(framesOf(bytes, chunk)).toEqual(framesOf(bytes));
      },
    ),
  );
});

test("every byte and line is in one frame at most, in order, and what is left is blank", () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 25 }),
      fc.integer({ min: 1, max: 40 }),
      (parts, chunk) => {
        const text = parts.join("");
        const bytes = bytesOf(text);
        let at = 0;
        let line = 0;
        let left = "";
        for (const { place } of framesOf(bytes, chunk)) {
          expect(place.offset).toBeGreaterThanOrEqual(at);
          expect(place.line).toBeGreaterThan(line);
          left += new TextDecoder().decode(bytes.subarray(at, place.offset));
          at = place.offset + place.length;
          line = place.line + place.lineCount - 1;
        }
        left += new TextDecoder().decode(bytes.subarray(at));
        expect(line).toBeLessThanOrEqual(linesIn(text));
        expect(left.replace(/[\s\u000b\u001c]/g, "")).toBe("");
      },
    ),
  );
});
