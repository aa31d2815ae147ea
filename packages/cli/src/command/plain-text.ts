const MAX_TEXT = 500;

/** Makes a text from outside harmless for a terminal: control and direction characters become visible escapes. */
export function plainText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  // Cc and Cf cover escape sequences, line breaks, bidirectional overrides and invisible joiners.
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
