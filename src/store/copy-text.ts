/** The text format of COPY: tabs between values, one line a row, `\\N` for null. */

/** One line of COPY's text format. Arrays are PostgreSQL array literals; null is `\\N`. */
export function copyLine(values: readonly CopyValue[]): string {
  return `${copyFields(values)}\n`;
}

/** Values as they stand in a COPY line, without its end: no two lists of values have one text. */
export function copyFields(values: readonly CopyValue[]): string {
  let fields = "";
  for (let index = 0; index < values.length; index += 1) {
    fields += (index === 0 ? "" : "\t") + copyValue(values[index] ?? null);
  }
  return fields;
}

export type CopyValue = string | number | bigint | boolean | null | Uint8Array | readonly string[];

const special = /[\\\t\n\r\u0000]/;
/** PostgreSQL's text has no NUL. */
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\u0000": "\ufffd",
};

function copyValue(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return copyText(value);
  if (typeof value === "object")
    return value instanceof Uint8Array
      ? `\\\\x${Buffer.from(value).toString("hex")}`
      : copyText(value.length === 0 ? "{}" : arrayLiteral(value));
  return String(value);
}

function copyText(text: string): string {
  return special.test(text)
    ? text.replace(/[\\\t\n\r\u0000]/g, (character) => escapes[character] ?? character)
    : text;
}

function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
