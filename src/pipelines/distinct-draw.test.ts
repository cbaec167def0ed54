import { expect, test } from "vitest";
import { drawDistinct } from "./distinct-draw.ts";

test("values that repeat or are taken are drawn again", async () => {
  const stream = [1, 1, 2, 3, 3, 4, 5, 6][Symbol.iterator]();
  const asked: number[][] = [];
  const drawn = await drawDistinct(
    3,
    () => stream.next().value ?? 99,
    async (values) => {
      asked.push([...values]);
      return new Set([2]);
    },
  );
  expect(drawn).toEqual([1, 3, 4]);
  expect(asked).toEqual([[1, 2, 3], [4]]);
});
