// C0, DEL, C1, line and paragraph separators; then every bidi control (UAX #9 §2). Joiners stay: emoji need them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Most texts have nothing to clean: seen in one look, where to replace takes three. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Text that cannot repaint the line it is shown in: one line, no control or bidi characters (SEC-14). */
export const cleanText = (text: string): string =>
  PLAIN.test(text)
    ? text.trim()
    : text.replace(CONTROLS, ' ').replace(BIDI_CONTROLS, '').replace(LONE_SURROGATES, '\ufffd').trim();

/** The longest beginning of a text with at most `units` UTF-16 units that does not cut a character in two. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
}
