// Pages of error codes and of quarantine rules, read from the syntax tree of src/: what is thrown there is what is listed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { table } from "./docs-text.mjs";
import { sourceFilesOf } from "./fingerprint.mjs";

/** An interruption is told as an error, and exits as Unix has it, whatever its kind. */
const exitOfCode = { HIMS_INTERRUPTED: "130, 143" };
const exitOf = { bug: 1, usage: 2, gate: 3, unreachable: 4, locked: 5, partial: 6, check: 7 };

/** Every `new HimsError(code, { kind, message, hint })`, one line for each code and kind. */
export function describeErrors(root) {
  const found = new Map();
  for (const { path, node } of nodesOf(root)) {
    const error = errorOf(node);
    if (error === null) continue;
    const key = `${error.code} ${exitOfCode[error.code] ?? error.kind}`;
    const known = found.get(key) ?? { ...error, messages: new Set(), rooms: new Set() };
    if (error.message !== "") known.messages.add(error.message);
    known.rooms.add(path.split("/")[1]);
    found.set(key, known);
  }
  const rows = [...found.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, kind, messages, rooms }) => [
      `\`${code}\``,
      exitOfCode[code] ?? String(exitOf[kind] ?? ""),
      [...messages].sort().join("; or: "),
      [...rooms].sort().join(", "),
    ]);
  return table(["code", "exit", "says", "room"], rows);
}

/** The catalogue of rules. A rule that code knows and the catalogue does not is a mistake: nobody could read it in an export. */
export async function describeRules(root) {
  const { layoutRules, ruleNames, ruleText } = await import("../src/records/quarantine-rules.ts");
  const unknown = [...rulesOf(root)].filter((rule) => ruleText(rule) === null).sort();
  if (unknown.length > 0)
    throw new Error(`add to src/records/quarantine-rules.ts, in English and Hindi: ${unknown.join(", ")}`);
  const rows = ruleNames().map((rule) => {
    const { en, hi } = ruleText(rule);
    return [`\`${rule}\``, layoutRules.has(rule) ? "layout" : "", en, hi];
  });
  return table(["rule", "", "what to do", "क्या करें"], rows);
}

/** Names of the rules in src/. */
function rulesOf(root) {
  const found = new Set();
  for (const { path, node } of nodesOf(root)) {
    if (!/^src\/(records|clinical|connectors|hl7)\//.test(path)) continue;
    const rule = ruleOfObject(node) ?? ruleOfCall(node);
    if (rule !== null) found.add(rule);
  }
  return found;
}

function* nodesOf(root) {
  for (const path of sourceFilesOf(root).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(root, path), "utf8");
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const waiting = [file];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      yield { path, node };
      ts.forEachChild(node, (child) => {
        waiting.push(child);
      });
    }
  }
}

function errorOf(node) {
  if (!ts.isNewExpression(node) || node.expression.getText() !== "HimsError") return null;
  const [code, options] = node.arguments ?? [];
  if (code === undefined || !ts.isStringLiteral(code)) return null;
  const isObject = options !== undefined && ts.isObjectLiteralExpression(options);
  const read = (name) => (isObject ? textOf(propertyOf(options, name)) : "");
  return { code: code.text, kind: read("kind"), message: read("message") };
}

function ruleOfObject(node) {
  if (!ts.isObjectLiteralExpression(node)) return null;
  const name = textOf(propertyOf(node, "rule"));
  return isRule(name) ? name : null;
}

/** `this.problem(field, reason, rule, hint)` and its like: a rule's name, and a sentence after it. */
function ruleOfCall(node) {
  if (!ts.isCallExpression(node)) return null;
  const texts = node.arguments.map((argument) => textOf(argument));
  if (node.expression.getText() === "unparsed" && isRule(texts[0] ?? "")) return texts[0];
  const found = texts.find((text, index) => isRule(text) && / .*\.$/.test(texts[index + 1] ?? ""));
  return found ?? null;
}

function isRule(text) {
  return /^[a-z0-9]+(_[a-z0-9]+)+$/.test(text);
}

function propertyOf(object, name) {
  return object.properties.find(
    (property) => ts.isPropertyAssignment(property) && property.name.getText() === name,
  )?.initializer;
}

/** Of literals, templates (what is filled in becomes `…`) and choices between them; "" for anything computed. */
function textOf(node) {
  if (node === undefined) return "";
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
  )
    return textOf(node.right);
  if (!ts.isConditionalExpression(node)) return "";
  return [textOf(node.whenTrue), textOf(node.whenFalse)]
    .filter((text) => text !== "")
    .join("; or: ");
}
