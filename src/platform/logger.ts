/** The log: JSON lines on stderr. Import it lazily: pino takes 20 ms that a short command does not need. */
import { destination, type LevelWithSilent, pino } from "pino";
import { HimsError } from "./errors.ts";

/** Ids, counts, codes and line numbers only: the type has no room for a record. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Events are named in the past tense: `batch committed`, `record quarantined`. */
export interface Logger {
  debug(fields: LogFields, event: string): void;
  info(fields: LogFields, event: string): void;
  warn(fields: LogFields, event: string): void;
  error(fields: LogFields, event: string): void;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** A net below the type: should a field with such a name ever be passed, its value does not leave the process. */
const personalFields = [
  ..."aadhaar abhaAddress abhaNumber addressLine birthDate email err error familyName givenName".split(
    " ",
  ),
  ..."guardianMrn healthId identifier key message middleName motherMrn mrn name nameLocal".split(
    " ",
  ),
  ..."password patient person phone postalCode record relationName text token value".split(" "),
];

/**
 * @param level one of logLevels, usually HIMS_LOG_LEVEL; null means warn
 * @param sink where lines go when not to stderr (tests)
 */
export function createLogger(level: string | null, sink?: { write(line: string): void }): Logger {
  const options = {
    level: parseLevel(level ?? "warn"),
    base: { app: "hims" },
    redact: personalFields,
  };
  return pino(options, sink ?? destination({ dest: 2, sync: true }));
}

function parseLevel(text: string): LevelWithSilent {
  const level = logLevels.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  throw new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "HIMS_LOG_LEVEL is not a log level",
    hint: `Use one of ${logLevels.join(", ")}.`,
  });
}
