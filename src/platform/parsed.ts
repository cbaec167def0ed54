/** The answer of a parser: a value, or the reasons why there is none. Parsers never throw for bad data. */
export type Parsed<T, Reason> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

export function parsed<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function unparsed<Reason>(...reasons: readonly Reason[]): {
  readonly ok: false;
  readonly reasons: readonly Reason[];
} {
  return { ok: false, reasons };
}
