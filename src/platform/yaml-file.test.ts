import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { HimsError } from "./errors.ts";
import { readYamlFile } from "./yaml-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hims-yaml-"));
  path = join(folder, "a.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("csv"), delimiter: z.string().length(1).optional() }),
  z.strictObject({ type: z.literal("hl7"), accept: z.array(z.string()).optional() }),
]);
const schema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  source: source.optional(),
  map: z
    .record(z.string(), z.strictObject({ from: z.string(), required: z.boolean().optional() }))
    .optional(),
});

function read(text: string, environment: Record<string, string> = {}) {
  writeFileSync(path, text);
  return readYamlFile(path, schema, { environment });
}

/** `line:column  message` of every mistake. */
function mistakesOf(text: string, environment: Record<string, string> = {}): string[] {
  try {
    read(text, environment);
  } catch (error) {
    if (error instanceof HimsError) return error.message.replaceAll(`${path}:`, "").split("\n");
    throw error;
  }
  return [];
}

test("a right file becomes its content", () => {
  expect(read("version: 1\nname: a\nsource: { type: csv }\n")).toEqual({
    version: 1,
    name: "a",
    source: { type: "csv" },
  });
});

test("every mistake is told, in the order of the file", () => {
  const text = "version: 2\nnaem: a\nmap:\n  mrn:\n    form: UHID\n    required: maybe\n";

  expect(mistakesOf(text)).toEqual([
    expect.stringMatching(/^1:1 {2}name: /),
    expect.stringMatching(/^1:10 {2}version: /),
    '2:1  unknown key "naem". Did you mean "name"?',
    expect.stringMatching(/^5:5 {2}map\.mrn\.from: |^4:/),
    '5:5  unknown key "form". Did you mean "from"?',
    expect.stringMatching(/^6:15 {2}map\.mrn\.required: /),
  ]);
});

test("a wrong key inside one of several shapes knows the keys of that shape", () => {
  expect(mistakesOf("version: 1\nname: a\nsource:\n  type: hl7\n  acept: [ADT]\n")).toEqual([
    '5:3  unknown key "acept". Did you mean "accept"?',
  ]);
});

test("a missing part stands where its parent stands, and the first mistake is the error's place", () => {
  try {
    read("version: 1\n");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: "HIMS_CONFIG",
      kind: "usage",
      at: { file: path, line: 1, column: 1 },
    });
  }
});

test.each([
  ["version: 1\nname: [a\n", /^\d+:\d+ {2}not valid YAML/],
  ["version: 1\nname: a\nname: b\n", /^3:1 {2}not valid YAML \(duplicate key\)/],
  ["", /^1:1 {2}/],
  ["just text", /^1:1 {2}/],
])("a file that is not what it should be is told by place: %j", (text, mistake) => {
  expect(mistakesOf(text)[0]).toMatch(mistake);
});

test("secrets come from the environment and from files beside the file", () => {
  writeFileSync(join(folder, "secret"), "from a file\n");

  const text = `version: 1\nname: "\${env:A_NAME} and \${file:secret}"\n`;

  expect(read(text, { A_NAME: "from outside" }).name).toBe("from outside and from a file");
});

test("a secret that is not there is told with its place, and by name only", () => {
  expect(mistakesOf(`version: 1\nname: "\${env:A_NAME}"\n`)).toEqual([
    "2:7  the environment variable A_NAME is not set",
  ]);
  expect(mistakesOf(`version: 1\nname: "\${file:none}"\n`)).toEqual([
    "2:7  the file none cannot be read (ENOENT)",
  ]);
});

test("no mistake repeats a value", () => {
  const mistakes = mistakesOf("version: secret\nname: [secret]\nsource: { type: secret }\n");

  expect(mistakes.length).toBeGreaterThanOrEqual(3);
  expect(mistakes.join("\n")).not.toContain("secret");
});

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ...["b a", "c b", "d c", "e d"].map((pair) => {
    const [name, inner] = pair.split(" ");
    return `${name}: &${name} [${Array(10).fill(`*${inner}`).join(", ")}]`;
  }),
].join("\n");

test.each([
  ["aliases of aliases that grow without end", bomb, "2:8  aliases (*name) stand for too much"],
  ["an alias of nothing", "version: 1\nname: *nobody\n", "2:7  this alias (*name) has no anchor"],
])("%s is a mistake with its place", (_, text, mistake) => {
  expect(mistakesOf(text).join("\n")).toContain(mistake);
});

test("who asks is told of every reference as it is written", () => {
  writeFileSync(path, `version: 1\nname: feed-\${env:WARD}\n`);
  const references: unknown[] = [];

  readYamlFile(path, schema, {
    environment: { WARD: "seven" },
    onReference: (reference) => references.push(reference),
  });

  expect(references).toEqual([{ written: `feed-\${env:WARD}`, resolved: "feed-seven" }]);
});
