import { expect, test } from "vitest";
import { LineCount } from "./line-count.ts";

function linesOf(encoding: string, ...parts: readonly Uint8Array[]): number {
  const count = new LineCount();
  for (const part of parts) count.see(part, encoding);
  return count.total;
}

test.each([
  ["no line", "", 0],
  ["LF", "a\nb\n", 2],
  ["LF and a last line without its end", "a\nb", 2],
  ["CRLF", "a\r\nb\r\n", 2],
  ["CR alone", "a\rb\rc", 3],
  ["CR within lines that LF ends", "a\rb\nc\n", 2],
  ["blank lines", "\n\n\n", 3],
])("lines are counted by what ends them: %s", (_, text, lines) => {
  expect(linesOf("utf-8", Buffer.from(text))).toBe(lines);
  expect(linesOf("utf-16le", Buffer.from(text, "utf16le"))).toBe(lines);
  expect(linesOf("utf-16be", Buffer.from(text, "utf16le").swap16())).toBe(lines);
});

test("a line may go on in the next batch", () => {
  expect(linesOf("utf-8", Buffer.from("a\nb"), Buffer.from("c\nd"))).toBe(3);
});

test("a letter whose bytes hold a line feed ends no line of UTF-16", () => {
  expect(linesOf("utf-16le", Buffer.from("\u0a0a\u0a05\n", "utf16le"))).toBe(1);
});
