import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleJson, visibleLine, visibleText } from "./visible-text.ts";

test.each([
  ["f\u001b]0;x\u0007a.csv", "f\\x1b]0;x\\x07a.csv"],
  ["csi \u009b2J and delete \u007f", "csi \\x9b2J and delete \\x7f"],
  ["gnp.\u202evsc", "gnp.\\u202evsc"],
  ["over\rwritten", "over\\x0dwritten"],
])("%j is shown, not obeyed", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
  expect(visibleLine(text)).toBe(shown);
});

test("names in any script stay as they are", () => {
  for (const text of ["सुनीता देवी", "محمد", "ਜਸਪ੍ਰੀਤ", "Zoë 👩‍⚕️"])
    expect(visibleText(text)).toBe(text);
});

test("a newline of ours stays in a text and is shown in a line", () => {
  expect(visibleText("a\n\tb")).toBe("a\n\tb");
  expect(visibleLine("a\n\tb")).toBe("a\\n\\tb");
});

test("no text leaves a control character, and JSON still says the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visibleLine(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      const json = visibleJson(JSON.stringify({ text }));
      expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});
