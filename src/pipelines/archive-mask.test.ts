import { describe, expect, test } from "vitest";
import { isVerhoeffValid } from "../records/aadhaar.ts";
import { maskCandidates, maskFreeBytes, maskTextSpans } from "./archive-mask.ts";

function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}
const number = withCheckDigit("23456789012");
const inScript = (zero: number) =>
  number.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
const fours = (sign: string) => number.replace(/(.{4})(.{4})(.{4})/, `$1${sign}$2${sign}$3`);

describe("free bytes", () => {
  test.each([
    ["ASCII", number],
    ["no-break spaces", fours("\u00a0")],
    ["zero-width spaces", fours("\u200b")],
    ["Arabic-Indic digits", inScript(0x0660)],
    ["Bengali digits", inScript(0x09e6)],
    ["full-width digits", inScript(0xff10)],
    ["digits of four bytes", inScript(0x1d7ce)],
  ])("with %s are masked, length kept, in UTF-8 and UTF-16", (_, written) => {
    for (const encoding of ["utf8", "utf16le"] as const) {
      const bytes = Buffer.from(`र ${written} x`, encoding);
      const { length } = bytes;
      maskFreeBytes(bytes, encoding === "utf8" ? "utf-8" : "utf-16le");
      expect(bytes).toHaveLength(length);
      expect(bytes.toString(encoding)).toMatch(/^र [^\p{Nd}]+ x$/u);
    }
  });

  test("are masked in their good lines when another line is not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from([0xe9, 0x0a]), Buffer.from(`${inScript(0x0966)}\n`)]);
    maskFreeBytes(bytes, "utf-8");
    expect(bytes.subarray(2).toString()).toBe(`${"✕".repeat(12)}\n`);
  });
});

describe("candidates of a row", () => {
  test("over lines are masked whatever ends the lines in the file", () => {
    for (const lineEnd of ["\n", "\r\n", "\r"]) {
      const bytes = Buffer.from(`1,"${fours(lineEnd)}",2`);
      maskCandidates(bytes, [fours("\n")], "utf-8");
      expect(bytes.toString()).toBe(`1,"${["XXXX", "XXXX", "XXXX"].join(lineEnd)}",2`);
    }
  });

  test("in tens of thousands take no longer than the row is long", () => {
    const candidates = Array.from({ length: 20_000 }, (_, index) =>
      withCheckDigit(`2${String(index).padStart(10, "0")}`),
    );
    const bytes = Buffer.from(candidates.join(" "));
    const start = performance.now();
    maskCandidates(bytes, candidates, "utf-8");
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(bytes.toString()).not.toMatch(/\d/);
  });
});

test("spans are masked in bytes of a charset whose mask signs have another length", () => {
  const text = inScript(0xff10);
  const bytes = Buffer.from("a3b2a3b3a3b4", "hex");
  maskTextSpans(bytes, { text: "２３４", encoding: "gb18030" }, [{ start: 0, end: 3 }]);
  expect(text).toHaveLength(12);
  expect(bytes.toString("latin1")).toBe("XXXXXX");
});
