/** Where the files of a pipeline come from, and what becomes of them: the keys of `source` that every type of file shares. */
import { z } from "zod";

/** What is done with a file of the source once its fate is known. Folders as written in the pipeline file; null: beside the file. */
export interface AfterAction {
  /** Of a file that is committed, or was before. */
  readonly loaded: "keep" | "move" | "delete";
  readonly doneFolder: string | null;
  /** Whether refused files are moved, too. */
  readonly movesRefused: boolean;
  readonly failedFolder: string | null;
}

/** A query whose rows are read as a CSV file. */
export type QuerySource = z.infer<typeof querySchema>;

/** `at` of the folder that `hims serve` takes uploads of the facility into. */
export const inboxPlace = "inbox";

const place = z.union([z.literal(true), z.string().min(1)]);
const afterMap = z
  .strictObject({
    move: place.optional().describe("`true`: into `done` beside the file; or a folder."),
    delete: z.literal(true).optional(),
    failed: place
      .optional()
      .describe("Refused files are moved as well: `true`: into `failed`; or a folder."),
  })
  .refine(({ move, delete: gone }) => move === undefined || gone === undefined, {
    message: "a file is moved or deleted, not both",
  });

type AfterText = "keep" | "move" | "delete" | z.infer<typeof afterMap>;

const after = z
  .union([z.enum(["keep", "move", "delete"]), afterMap])
  .default("keep")
  .transform(afterActionOf)
  .describe("What becomes of a file once it is committed: `keep`, `move` into `done`, `delete`.");

const settle = z
  .string()
  .regex(/^\d{1,5}[smh]$/, "a time such as 30s, 5m or 1h")
  .transform(secondsOf)
  .optional()
  .describe("A file modified less than this ago is left for the next run: `30s`, `5m`.");

const fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "a fingerprint as `ssh-keygen -l` prints it: SHA256:...");

export const querySchema = z
  .strictObject({
    url: z.string().min(1).describe(`PostgreSQL: \`\${env:NAME}\` with the URL.`),
    query: z.string().min(1).describe("One SELECT; `:watermark` stands for the last value read."),
    watermark: z.string().min(1).optional().describe("Column that only grows."),
    start: z.string().optional().describe("The watermark before the first run."),
  })
  .superRefine(({ query, watermark, start }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    const isUsed = watermarkPlace.test(query);
    if (isUsed && watermark === undefined)
      complain("query", "the query uses :watermark: name its column in `watermark`");
    if (watermark === undefined) return;
    if (!isUsed) complain("query", "a query with a watermark needs `:watermark` in its WHERE");
    if (start === undefined) complain("watermark", "give the `start` of the watermark, too");
  });

/** Where `:watermark` stands in a query; `::watermark` is a cast. */
export const watermarkPlace = /(?<!:):watermark\b/;

const at = z
  .string()
  .min(1)
  .describe(
    "A file, a folder, a glob (`exports/*.csv`), `sftp://user@host:port/path/*.csv`, or `inbox`: what was uploaded for the facility.",
  );

/** Keys of `source` for files of any type. */
export const filePlace = {
  at,
  ready: z
    .string()
    .regex(/^\.[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/, "an ending such as .done")
    .optional()
    .describe("A file counts only once a file of its name with this ending lies beside it."),
  settle,
  after,
  hostKey: z
    .union([fingerprint, z.array(fingerprint).min(1)])
    .transform((keys) => (typeof keys === "string" ? [keys] : keys))
    .optional()
    .describe("SFTP: the server's key, or several while it changes: `SHA256:...`."),
  privateKey: z.string().min(1).optional().describe(`SFTP: \`\${file:PATH}\` of an OpenSSH key.`),
  passphrase: z.string().min(1).optional().describe(`Of \`privateKey\`: \`\${env:NAME}\`.`),
  password: z.string().min(1).optional().describe(`SFTP: \`\${env:NAME}\`.`),
};

/** Keys of `source` for a type that may be a query as well. */
export const fileOrQueryPlace = {
  ...filePlace,
  at: at.default("").describe(at.description ?? ""),
  sql: querySchema.optional(),
};

interface Place {
  readonly at: string;
  readonly sql?: QuerySource | undefined;
  readonly hostKey?: readonly string[] | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  readonly ready?: string | undefined;
  readonly settle?: number | undefined;
  readonly after: AfterAction;
}

/** Keys that contradict each other, or mean nothing where they stand. */
export function checkPlace(source: Place, context: z.RefinementCtx<unknown>): void {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if ((source.at === "") === (source.sql === undefined))
    complain("at", "a source has `at` or `sql`, one of them");
  if (source.sql !== undefined && (source.ready ?? source.settle) !== undefined)
    complain("sql", "`ready` and `settle` are for files");
  if (source.sql !== undefined && (source.after.loaded !== "keep" || source.after.movesRefused))
    complain("after", "a query has no file to move or delete");
  if (isSftp(source.at)) checkSftp(source, complain);
  else if (source.hostKey ?? source.privateKey ?? source.password ?? source.passphrase)
    complain("at", "`hostKey`, `privateKey` and `password` go with sftp://");
}

function checkSftp(source: Place, complain: (path: string, message: string) => void): void {
  const url = URL.canParse(source.at) ? new URL(source.at) : null;
  if (url === null || url.hostname === "" || url.username === "" || url.pathname === "")
    complain("at", "write sftp://user@host:port/path/*.csv");
  if (url !== null && url.password !== "")
    complain("at", `a password does not belong here: password: \${env:NAME}`);
  if (source.hostKey === undefined)
    complain("at", "give the server's `hostKey` (ssh-keyscan HOST | ssh-keygen -lf -)");
  if ((source.privateKey === undefined) === (source.password === undefined))
    complain("at", "give `privateKey` or `password`, one of them");
}

/** Whether a source lies on an SFTP server. */
export function isSftp(at: string): boolean {
  return /^sftp:/i.test(at);
}

function afterActionOf(text: AfterText): AfterAction {
  if (typeof text === "string")
    return { loaded: text, doneFolder: null, movesRefused: false, failedFolder: null };
  const { move, failed } = text;
  return {
    loaded: text.delete === true ? "delete" : move === undefined ? "keep" : "move",
    doneFolder: typeof move === "string" ? move : null,
    movesRefused: failed !== undefined,
    failedFolder: typeof failed === "string" ? failed : null,
  };
}

function secondsOf(text: string): number {
  const factor = { s: 1, m: 60, h: 3600 }[text.slice(-1)] ?? 1;
  return Number.parseInt(text, 10) * factor;
}
