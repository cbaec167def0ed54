/** The whole tokens of a name, as `person_name_token` keeps them and as a search asks for them. */

/** A token is the key of an index, whose entries have a limit; no word of a name comes near it. In code points. */
const maxTokenLength = 64;

/** NFC, lower case, split at whatever is neither letter, mark nor digit, cut at 64 signs; sorted, without repeats. */
export function nameTokens(...names: readonly (string | null)[]): readonly string[] {
  const tokens = names.flatMap(
    (name) =>
      name
        ?.normalize("NFC")
        .toLowerCase()
        .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [],
  );
  return [...new Set(tokens.map(shortened))].sort();
}

function shortened(token: string): string {
  if (token.length <= maxTokenLength) return token;
  return [...token.slice(0, maxTokenLength * 2)].slice(0, maxTokenLength).join("");
}
