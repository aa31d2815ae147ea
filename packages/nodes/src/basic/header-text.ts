/** RFC 2047 encoded words, in which clients send what is not ASCII in a header; anything else stays as it is. */
export const decodeHeaderText = (text: string): string =>
  // §6.2: white space between two encoded words belongs to neither.
  text
    .replace(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)[ \t]+(?==\?)/gi, '$1')
    .replace(
      /=\?(utf-8|us-ascii|iso-8859-1)\?([bq])\?([^?\s]*)\?=/gi,
      (_, charset: string, encoding: string, word: string) => {
        const bytes = encoding.toLowerCase() === 'b' ? fromBase64(word) : fromQuotedPrintable(word);
        return bytes === undefined ? word : decoderOf(charset).decode(bytes);
      },
    );

const decoderOf = (charset: string) => new TextDecoder(charset.toLowerCase() === 'utf-8' ? 'utf-8' : 'latin1');

const fromBase64 = (word: string): Uint8Array | undefined => {
  try {
    return Uint8Array.from(atob(word), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
};

const fromQuotedPrintable = (word: string): Uint8Array =>
  Uint8Array.from(
    word
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    (character) => character.charCodeAt(0),
  );
