/** The example pipelines over real data (`../shared/data`, not part of this repository): nothing crashes, every line is settled, and what is refused is a reviewed list. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPipeline } from "../../src/pipelines/pipeline-list.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import { workspaceAt } from "../../src/platform/workspace.ts";
import { listQuarantine } from "../../src/store/quarantine.ts";
import { hashStore } from "../../src/store/store-hash.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed } from "../support/ingest-run.ts";

const root = packageRoot();
const shared = join(root, "..", "shared", "data");
const reviewed = join(root, "test", "store", "examples-quarantine.json");
const examples = ["hl7-corpus", "febrl-1", "febrl-2", "febrl-3", "splink-fake-1000"];

/** One line for each refused record; short enough to be read by whoever reviews a change. */
function refusals(items: Awaited<ReturnType<typeof listQuarantine>>["items"]): readonly string[] {
  return items
    .map(
      ({ pipeline, file, line, segment, rule }) =>
        `${pipeline} ${file}:${line} ${segment ?? "-"} ${rule}`,
    )
    .sort();
}

test.skipIf(!existsSync(shared))(
  "real messages and rows are loaded, refused for reviewed reasons, and unchanged when they come again",
  { timeout: 240_000 },
  async () => {
    const { database, reader } = await withDatabase();
    const feed = aFeed(database);
    const loaded: Record<string, object> = {};
    const load = (name: string) =>
      loadPipeline(join(root, "pipelines", "examples", `${name}.yaml`), workspaceAt(root), {});
    for (const name of examples) {
      const {
        read,
        loaded: kept,
        unchanged,
        quarantined,
        landedOnly,
        status,
      } = await feed.run(load(name));
      expect(read).toBe(kept + unchanged + quarantined);
      loaded[name] = { status, read, loaded: kept, unchanged, quarantined, landedOnly };
    }
    const { items } = await listQuarantine(reader, { pipeline: null, run: null, limit: 10_000 });
    const found = { loaded, refused: refusals(items) };
    if (process.env["UPDATE_SNAPSHOT"] === "1")
      writeFileSync(reviewed, `${JSON.stringify(found, null, 1)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(reviewed, "utf8")));

    const before = await hashStore(database);
    for (const name of examples) {
      const again = await feed.run(load(name), { full: true });
      expect(again).toMatchObject({ loaded: 0, status: "unchanged" });
    }
    expect(await hashStore(database)).toEqual(before);
  },
);
