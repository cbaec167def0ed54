/** Names made comparable: lower case, no marks of Latin letters, no punctuation, tokens in one order. */
/** The parts of a record that name its patient. */
export interface NameParts {
  readonly name: string | null;
  readonly nameLocal: string | null;
  readonly givenName: string | null;
  readonly middleName: string | null;
  readonly familyName: string | null;
}

/** The tokens of the record's name as written; the local-script name only where there is no other. */
export function nameTokensForMatching(record: NameParts): readonly string[] {
  const parts = [record.givenName, record.middleName, record.familyName].filter(
    (part) => part !== null,
  );
  const written = record.name ?? (parts.length > 0 ? parts.join(" ") : record.nameLocal);
  return written === null ? [] : splitName(written);
}

export function splitName(name: string): readonly string[] {
  const plain = name
    .toLowerCase()
    .normalize("NFD")
    // Accents of Latin letters only: the marks of Indian scripts are vowels.
    .replace(/(?<=[a-z])[\u0300-\u036f]+/g, "")
    .normalize("NFC");
  return plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** One key for a name however its parts are ordered; null for no name. */
export function nameKey(tokens: readonly string[]): string | null {
  return tokens.length === 0 ? null : [...tokens].sort().join(" ");
}
