/** The whole tokens of a name, as `person_name_token` keeps them and as a search asks for them. */

/** NFC, lower case, split at whatever is neither letter, mark nor digit; sorted, without repeats. */
export function nameTokens(...names: readonly (string | null)[]): readonly string[] {
  const tokens = names.flatMap(
    (name) =>
      name
        ?.normalize("NFC")
        .toLowerCase()
        .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [],
  );
  return [...new Set(tokens)].sort();
}
