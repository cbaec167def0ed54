// `npm run docs`: writes the generated parts of docs/ anew from the code; with --check it only looks, and fails on a diff.
// A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; everything around it is written by hand.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describeCommands } from "./docs-commands.mjs";
import { describeErrors, describeRules } from "./docs-errors.mjs";
import { describeHouse } from "./docs-house.mjs";
import { describeConfigKeys, describePipelineKeys } from "./docs-keys.mjs";
import { describeTables } from "./docs-tables.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Name of a generated part -> its Markdown. */
const parts = {
  commands: describeCommands,
  errors: describeErrors,
  "quarantine-rules": describeRules,
  house: describeHouse,
  "pipeline-keys": describePipelineKeys,
  "config-keys": describeConfigKeys,
  tables: describeTables,
};

async function main() {
  const isCheck = process.argv.includes("--check");
  const outdated = [];
  const seen = new Set();
  for (const path of markdownFiles()) {
    const text = readFileSync(path, "utf8");
    const fresh = await withFreshParts(text, seen);
    if (fresh === text) continue;
    outdated.push(relative(root, path));
    if (!isCheck) writeFileSync(path, fresh);
  }
  const unused = Object.keys(parts).filter((name) => !seen.has(name));
  if (unused.length > 0) throw new Error(`no page has a place for: ${unused.join(", ")}`);
  if (outdated.length === 0) return console.log("docs are up to date");
  console.log(outdated.map((path) => `${isCheck ? "outdated" : "written"} ${path}`).join("\n"));
  if (!isCheck) return;
  console.log("run `npm run docs` and commit what it writes");
  process.exitCode = 1;
}

function markdownFiles() {
  return readdirSync(join(root, "docs"), { recursive: true })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name))
    .sort();
}

async function withFreshParts(text, seen) {
  const pattern = /<!-- generated: ([\w-]+) -->\n[\s\S]*?<!-- end -->/g;
  let fresh = text;
  for (const [block, name] of text.matchAll(pattern)) {
    const describe = parts[name];
    if (describe === undefined) throw new Error(`no generated part is called ${name}`);
    seen.add(name);
    const body = (await describe(root)).trim();
    fresh = fresh.replace(block, () => `<!-- generated: ${name} -->\n\n${body}\n\n<!-- end -->`);
  }
  return fresh;
}

await main();
