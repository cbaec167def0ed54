import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { evaluateFile } from "./evaluate.ts";

function table(lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "hims-truth-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "table.csv");
  writeFileSync(path, `id,cluster\n${lines.join("\n")}\n`);
  return path;
}

test("a truth about other records is refused instead of giving full marks", async () => {
  const clusters = table(["a,1", "b,1"]);
  await expect(evaluateFile(clusters, table(["x,1", "y,1"]))).rejects.toMatchObject({
    code: "HIMS_TRUTH_STRANGE",
  });
  expect(await evaluateFile(clusters, table(["a,1", "b,2"]))).toMatchObject({ wrongPairs: 1 });
});

test("an id with two lines is refused with the place of the second", async () => {
  const truth = evaluateFile(table(["a,1"]), table(["a,1", "b,1", "a,2"]));
  await expect(truth).rejects.toMatchObject({ code: "HIMS_TRUTH_TWICE", at: { line: 4 } });
});
