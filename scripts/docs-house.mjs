// The picture of the rooms and who opens whom, as dependency-cruiser finds it in src/ (tests left out).
import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { table } from "./docs-text.mjs";

export function describeHouse(root) {
  const opens = opensOf(root);
  const edges = [...opens].flatMap(([from, rooms]) =>
    rooms.filter((to) => !isReachedOtherwise(opens, from, to)).map((to) => `  ${from} --> ${to}`),
  );
  const rows = [...opens].map(([room, rooms]) => [`\`${room}\``, rooms.join(", ")]);
  return `\`\`\`mermaid\nflowchart TD\n${edges.join("\n")}\n\`\`\`

An arrow that follows from two others is left out of the picture. The whole list:

${table(["room", "opens"], rows)}`;
}

/** Room -> rooms whose files it imports, both sorted. */
function opensOf(root) {
  // Through npm's link: the package does not promise where its program lies.
  const depcruise = realpathSync(join(root, "node_modules", ".bin", "depcruise"));
  const args = [
    ...["--config", ".dependency-cruiser.cjs", "src", "--exclude", "\\.test\\.ts$"],
    ...["--collapse", "^src/[^/]+", "--output-type", "text", "--no-progress"],
  ];
  const text = execFileSync(process.execPath, [depcruise, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  const opens = new Map();
  for (const [, from, to] of text.matchAll(/^src\/(\w+) → src\/(\w+)$/gm)) {
    opens.set(from, [...(opens.get(from) ?? []), to].sort());
    if (!opens.has(to)) opens.set(to, []);
  }
  return new Map([...opens].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a longer way leads there, too. */
function isReachedOtherwise(opens, from, to) {
  const waiting = (opens.get(from) ?? []).filter((room) => room !== to);
  const seen = new Set(waiting);
  for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
    if (room === to) return true;
    for (const next of opens.get(room) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return false;
}
