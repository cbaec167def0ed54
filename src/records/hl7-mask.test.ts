import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Hl7Message } from "../hl7/message.ts";
import { parseMessage } from "../hl7/message.ts";
import { findAadhaar, isAadhaarShaped, isVerhoeffValid } from "./aadhaar.ts";
import { AadhaarNumberWatch, maskMessage } from "./hl7-mask.ts";

function aMessage(...segments: readonly string[]): Hl7Message {
  const text = ["MSH|^~\\&|HIS|DDU|||20260301100000||ORU^R01|1|P|2.5", ...segments].join("\r");
  const message = parseMessage({ text, charset: "utf-8", defect: null });
  if (!message.ok) throw new Error("the message is one");
  return message.value;
}

const masked = (...segments: readonly string[]) =>
  maskMessage(aMessage(...segments))
    .message.text.split("\r")
    .slice(1);

function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}
const aadhaar = withCheckDigit("23456789012");
const mobile = withCheckDigit("91981112233");
const timeShaped = [...Array(60).keys()]
  .map((minute) => `2026030110${String(minute).padStart(2, "0")}`)
  .find(isAadhaarShaped);

describe("is masked", () => {
  test.each([
    [
      "a repetition typed AADHAAR, whatever it looks like",
      "PID|1||7^^^DDU^MR~123^^^X^AADHAAR",
      "PID|1||7^^^DDU^MR~XXX^^^X^AADHAAR",
    ],
    [
      "a number assigned by UIDAI",
      `PID|1||7^^^DDU^MR~${aadhaar}^^^UIDAI`,
      "PID|1||7^^^DDU^MR~XXXXXXXXXXXX^^^UIDAI",
    ],
    ["type NI and NNIND", "PID|1||1^^^A^NI~2^^^A^NNIND", "PID|1||X^^^A^NI~X^^^A^NNIND"],
    ["an untyped number of that shape", `PID|1||${aadhaar}`, "PID|1||XXXXXXXXXXXX"],
    [
      "PID-19, whatever it looks like",
      `PID|1||7${"|".repeat(16)}123-45-6789`,
      `PID|1||7${"|".repeat(16)}XXX-XX-XXXX`,
    ],
    [
      "an address",
      `PID|1||7||||||||House ${aadhaar}^^Delhi`,
      "PID|1||7||||||||House XXXXXXXXXXXX^^Delhi",
    ],
    [
      "a phone field that holds no mobile",
      `PID|1||7||||||||||${aadhaar}`,
      "PID|1||7||||||||||XXXXXXXXXXXX",
    ],
    [
      "free text of an observation",
      `OBX|1|TX|1^N||card ${aadhaar}`,
      "OBX|1|TX|1^N||card XXXXXXXXXXXX",
    ],
    ["free text that could be a time", `OBX|1|ST|1^N||${timeShaped}`, "OBX|1|ST|1^N||XXXXXXXXXXXX"],
    ["a note", `NTE|1||${aadhaar}`, "NTE|1||XXXXXXXXXXXX"],
    ["a segment of the sender's own", `ZAA|1|${aadhaar}`, "ZAA|1|XXXXXXXXXXXX"],
    ["words beside a code", `DG1|1||1^uid ${aadhaar}^L`, "DG1|1||1^uid XXXXXXXXXXXX^L"],
  ])("%s", (_, given, then) => {
    expect(masked(given)).toEqual([then]);
  });
});

describe("is left alone", () => {
  test.each([
    ["a typed patient number", `PID|1||${aadhaar}^^^DDU^MR`],
    ["a prior number", `MRG|${aadhaar}^^^DDU^MR`],
    ["account, visit and order numbers", `PID|1||7${"|".repeat(15)}${aadhaar}`],
    ["an order number", `OBR|1|${aadhaar}|${aadhaar}|1^N`],
    ["a mobile in a phone field", `PID|1||7||||||||||${mobile}~+${mobile}`],
    ["a time", `OBR|1||F1|1^N|||${timeShaped}`],
    ["a time with an offset", `OBR|1||F1|1^N|||${timeShaped}+0530`],
    ["an observed time", `OBX|1|TS|1^N||${timeShaped}`],
    ["a code", `DG1|1||${aadhaar}^Fever^SCT`],
    ["an ABHA number", "PID|1||7^^^DDU^MR~91-2345-6789-0124"],
  ])("%s", (_, given) => {
    expect(masked(given)).toEqual([given]);
    expect(maskMessage(aMessage(given)).spans).toEqual([]);
  });
});

test("no number survives in any field of free text, and every text keeps its length", () => {
  // From 3 on: in a segment whose fields nobody knows, 204809110103 is taken for a time.
  const numbers = fc
    .integer({ min: 30_000_000_000, max: 99_999_999_999 })
    .map((start) => withCheckDigit(String(start)));
  const fields = fc.array(fc.oneof(numbers, fc.constantFrom("", "x", "a^b", "नमस्ते", "~", "1&2")), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(fields, fc.constantFrom("NTE", "ZPI", "IN1", "GT1", "OBX"), (values, name) => {
      const message = aMessage(`${name}|1|TX||${values.join("|")}`);
      const { message: after } = maskMessage(message);
      expect(after.text).toHaveLength(message.text.length);
      expect(findAadhaar(after.text)).toEqual([]);
      expect(maskMessage(after).spans).toEqual([]);
    }),
  );
});

test("an identifier of which more than half look like Aadhaar numbers is suspicious; one in ten is not", () => {
  const watch = new AadhaarNumberWatch();
  for (let index = 0; index < 40; index += 1) {
    const number = String(23_456_789_012 + index * 13);
    const other = index % 10 === 0 ? withCheckDigit(number) : `${number}0`.replace(/.$/, "X");
    watch.see(aMessage(`PID|1||${withCheckDigit(number)}^^^BAD^MR~${other}^^^GOOD^MR`));
  }
  expect(watch.suspicious()).toEqual(["BAD MR"]);
});
