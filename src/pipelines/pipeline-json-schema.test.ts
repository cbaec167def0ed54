import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../platform/package-root.ts";
import { pipelineJsonSchema } from "./pipeline-json-schema.ts";

/** Fresh again by: bin/hims pipeline schema > docs/reference/pipeline.schema.json */
test("the schema in docs/reference is that of this program", () => {
  const path = join(packageRoot(), "docs", "reference", "pipeline.schema.json");

  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(pipelineJsonSchema());
});
