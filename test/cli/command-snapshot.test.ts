import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";

interface Manifest {
  readonly commands: Readonly<
    Record<
      string,
      {
        readonly args: Readonly<Record<string, { required?: boolean }>>;
        readonly flags: Readonly<Record<string, ManifestFlag>>;
      }
    >
  >;
}

interface ManifestFlag {
  readonly char?: string;
  readonly env?: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly type: string;
  readonly options?: readonly string[];
}

const path = join(import.meta.dirname, "command-snapshot.json");

/** What people and scripts type. UPDATE_SNAPSHOT=1 accepts a change, which then is a visible diff. */
test("commands, their arguments and flags are those of the snapshot", () => {
  const current = describeManifest(currentManifest());

  if (process.env["UPDATE_SNAPSHOT"] === "1")
    writeFileSync(path, `${JSON.stringify(current, null, 2)}\n`);

  expect(current).toEqual(JSON.parse(readFileSync(path, "utf8")));
});

test("every flag has an environment variable of our own", () => {
  for (const command of Object.values(currentManifest().commands)) {
    for (const flag of Object.values(command.flags))
      expect(flag.env).toMatch(/^(HIMS_[A-Z0-9_]+|DATABASE_URL)$/);
  }
});

/** Of the build of the present sources, made where it is missing. */
function currentManifest(): Manifest {
  const build = join(packageRoot(), "scripts", "build.mjs");
  const folder = execFileSync(process.execPath, [build, "--print-folder"], {
    encoding: "utf8",
  }).trim();
  return JSON.parse(readFileSync(join(folder, "oclif.manifest.json"), "utf8")) as Manifest;
}

function describeManifest({ commands }: Manifest): Record<string, unknown> {
  const sorted = Object.entries(commands).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([id, { args, flags }]) => [
      id.replaceAll(":", " "),
      {
        args: Object.entries(args).map(([name, arg]) =>
          arg.required === true ? name : `[${name}]`,
        ),
        flags: Object.entries(flags)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, flag]) => describeFlag(name, flag)),
      },
    ]),
  );
}

/** Such as `-q --quiet`, `--layout=cr80|a4 (required)`, `--ids=... (repeatable)`. */
function describeFlag(name: string, flag: ManifestFlag): string {
  const letter = flag.char === undefined ? "" : `-${flag.char} `;
  const value = flag.type === "boolean" ? "" : `=${flag.options?.join("|") ?? "..."}`;
  const required = flag.required === true ? " (required)" : "";
  const multiple = flag.multiple === true ? " (repeatable)" : "";
  return `${letter}--${name}${value}${required}${multiple}`;
}
