// The reference of commands, from the manifest of a build of the present sources: what `--help` shows, on one page.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./docs-text.mjs";

export function describeCommands(root) {
  const build = join(root, "scripts", "build.mjs");
  const folder = execFileSync(process.execPath, [build, "--print-folder"], { encoding: "utf8" });
  const manifest = JSON.parse(readFileSync(join(folder.trim(), "oclif.manifest.json"), "utf8"));
  const commands = Object.values(manifest.commands).sort((a, b) => (a.id < b.id ? -1 : 1));
  const global = Object.values(commands[0].flags).filter(isGlobal);
  return [
    "## Flags of every command",
    flagTable(global),
    ...commands.map((command) => describeCommand(command)),
  ].join("\n\n");
}

function isGlobal(flag) {
  return flag.helpGroup === "GLOBAL";
}

function describeCommand(command) {
  const name = command.id.replaceAll(":", " ");
  const args = Object.values(command.args);
  const flags = Object.values(command.flags).filter((flag) => !isGlobal(flag));
  const more = command.strict === false ? "..." : "";
  const names = args.map((arg) => argumentText(arg, more));
  const usage = ["hims", name, ...names, flags.length > 0 ? "[flags]" : ""];
  const parts = [`## hims ${name}`, withoutTemplates(command.summary ?? "")];
  parts.push(`\`${usage.filter((word) => word !== "").join(" ")}\``);
  if (command.description) parts.push(withoutTemplates(command.description));
  if (args.length > 0) parts.push(args.map(argumentLine).join("\n"));
  if (flags.length > 0) parts.push(flagTable(flags));
  const examples = [command.examples ?? []].flat().map((text) => withoutTemplates(text));
  if (examples.length > 0) parts.push(`\`\`\`\n${examples.join("\n")}\n\`\`\``);
  return parts.join("\n\n");
}

function argumentText({ name, required }, more) {
  const text = `${name.toUpperCase()}${more}`;
  return required === true ? text : `[${text}]`;
}

function argumentLine({ name, description }) {
  return `- \`${name.toUpperCase()}\`: ${description ?? ""}`;
}

function flagTable(flags) {
  return table(
    ["flag", "environment", "default", "what it does"],
    flags.map((flag) => [flagText(flag), `\`${flag.env}\``, defaultText(flag), meaningOf(flag)]),
  );
}

function flagText({ name, char, type, options, helpValue, allowNo }) {
  const letter = char === undefined ? "" : `\`-${char}\`, `;
  const no = allowNo === true ? "[no-]" : "";
  const value = type === "boolean" ? "" : `=${options?.join("|") ?? helpValue ?? "VALUE"}`;
  return `${letter}\`--${no}${name}${value}\``;
}

function defaultText({ default: value }) {
  return value === undefined ? "" : `\`${String(value)}\``;
}

function meaningOf({ description, required, multiple }) {
  const notes = [required === true ? "required" : null, multiple === true ? "repeatable" : null];
  const said = notes.filter((note) => note !== null).join(", ");
  return said === "" ? description : `${description} (${said})`;
}

function withoutTemplates(text) {
  return text.replaceAll("<%= config.bin %>", "hims").trim();
}
