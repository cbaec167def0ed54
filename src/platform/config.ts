/** The workspace's settings: hims.yaml, below .env, below the environment. Flags are laid over them by the commands. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { readDotEnv } from "./dot-env.ts";
import { HimsError } from "./errors.ts";
import type { Environment } from "./secret-references.ts";
import type { Workspace } from "./workspace.ts";
import { readYamlFile } from "./yaml-file.ts";

const timezone = z.string().refine(isTimezone, "not a time zone such as Asia/Kolkata");
const port = z.number().int().min(0).max(65_535);

/** hims.yaml, version 1. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  timezone: timezone.default("Asia/Kolkata"),
  /** OS group that shares the workspace. */
  group: z.string().min(1).optional(),
  database: z.strictObject({ url: z.string().min(1).optional() }).prefault({}),
  cards: z
    .strictObject({
      host: z.string().min(1).optional(),
      /** Folder, relative to the workspace: the scheduler makes cards into it after linking. */
      out: z.string().min(1).optional(),
    })
    .prefault({}),
  serve: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: port.default(8080),
      /** Largest file that is taken in, in megabytes of 1,048,576 bytes. */
      uploadLimitMb: z.number().int().min(1).max(1_000_000).default(1_024),
    })
    .prefault({}),
});

/** What is not set and has no default is null. */
export interface HimsConfig {
  /** IANA name; zone-less times of sources are in this zone. */
  readonly timezone: string;
  readonly group: string | null;
  /** Null: the embedded PostgreSQL of the workspace. */
  readonly database: { readonly url: string | null };
  readonly cards: {
    readonly host: string;
    /** Absolute; null: the scheduler makes no cards. */
    readonly out: string | null;
  };
  readonly serve: {
    readonly host: string;
    readonly port: number;
    readonly uploadLimitMb: number;
  };
}

const defaultCardHost = "HTTPS://HIMS.INVALID/C";

/**
 * @param environment with `.env` laid below it, see readEnvironment
 * @throws HimsError HIMS_CONFIG with every mistake and its place
 */
export function loadConfig(workspace: Workspace, environment: Environment): HimsConfig {
  const file = readYamlFile(workspace.configPath, configSchema, { environment });
  refuseLiteralPassword(workspace, file.database.url ?? null);
  const set = (...names: readonly string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
  return {
    timezone: checked("HIMS_TIMEZONE", timezone, set("HIMS_TIMEZONE")) ?? file.timezone,
    group: file.group ?? null,
    database: { url: set("HIMS_DATABASE_URL", "DATABASE_URL") ?? file.database.url ?? null },
    cards: {
      host: set("HIMS_CARDS_HOST") ?? file.cards.host ?? defaultCardHost,
      out: absolute(workspace, set("HIMS_CARDS_OUT") ?? file.cards.out ?? null),
    },
    serve: {
      host: set("HIMS_SERVE_HOST") ?? file.serve.host,
      port:
        checked("HIMS_SERVE_PORT", z.coerce.number().pipe(port), set("HIMS_SERVE_PORT")) ??
        file.serve.port,
      uploadLimitMb: file.serve.uploadLimitMb,
    },
  };
}

function absolute(workspace: Workspace, path: string | null): string | null {
  return path === null ? null : resolve(workspace.root, path);
}

/** The process's environment with the workspace's `.env` below it: what is set outside wins. */
export function readEnvironment(workspace: Workspace, outside: Environment): Environment {
  return { ...readDotEnv(workspace), ...outside };
}

function checked<T>(name: string, schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new HimsError("HIMS_CONFIG", {
    kind: "usage",
    message: `${name} (environment or .env): ${result.error.issues[0]?.message ?? "not valid"}`,
    hint: `Correct ${name}, or remove it to use hims.yaml.`,
  });
}

/** A password belongs into the environment or a file with mode 0600, not into a file that is committed and mailed. */
function refuseLiteralPassword(workspace: Workspace, url: string | null): void {
  if (url === null || !URL.canParse(url) || new URL(url).password === "") return;
  const lines = readFileSync(workspace.configPath, "utf8").split("\n");
  // Not found: the URL, or its password, came from a reference.
  const index = lines.findIndex((text) => text.includes(url));
  if (index === -1) return;
  const at = { file: workspace.configPath, line: index + 1, column: 1 };
  throw new HimsError("HIMS_CONFIG", {
    kind: "usage",
    message: `${at.file}:${at.line}:${at.column}  database.url contains a password`,
    hint: `Move the URL into the environment or .env, and write url: "\${env:DATABASE_URL}".`,
    at,
  });
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
