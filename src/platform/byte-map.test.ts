import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteMap } from "./byte-map.ts";

const key = fc.uint8Array({ maxLength: 3 });

test("a map by bytes holds what a map by text would, whatever comes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 400 }), (entries) => {
      const map = new ByteMap<number>(1_000);
      const byText = new Map<string, number>();
      for (const [bytes, value] of entries) {
        map.set(bytes, 0, bytes.length, value);
        byText.set(bytes.join(), value);
      }
      for (const [bytes] of entries)
        expect(map.find(bytes, 0, bytes.length)).toBe(byText.get(bytes.join()));
      expect(map.size).toBe(byText.size);
    }),
  );
});

test("a key is found wherever it stands in bytes", () => {
  const map = new ByteMap<string>(10);
  map.set(Buffer.from("male"), 0, 4, "M");
  expect(map.find(Buffer.from("female"), 2, 6)).toBe("M");
  expect(map.find(Buffer.from("female"), 0, 6)).toBeUndefined();
});

test("a full map is begun anew", () => {
  const map = new ByteMap<number>(100);
  for (let value = 0; value <= 100; value += 1) {
    const bytes = Buffer.from(String(value));
    map.set(bytes, 0, bytes.length, value);
  }
  expect(map.size).toBe(1);
  expect(map.find(Buffer.from("100"), 0, 3)).toBe(100);
  expect(map.find(Buffer.from("7"), 0, 1)).toBeUndefined();
});
