// Scripts go out as text that some clients execute, so whatever is not ours is data twice: for HTML and for JavaScript (SEC-71).

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that HTML shows as it is, in an element and in a quoted attribute. */
export const htmlText = (text: string): string => text.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign);

/** For the inside of a quoted JavaScript literal; of what is left after this no sign can end it, or the script element. */
export const scriptText = (text: string): string =>
  text
    .replace(/[\\"'`<>&]/g, escapedUnit)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends and other controls are what has to go
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g, (unit, at: number, whole: string) =>
      isPaired(whole, at) ? unit : escapedUnit(unit),
    );

/** Every sign but letters, digits, comma, dot and underscore as its code (spec: nodes-mfa §2.11). */
export const scriptTextStrictly = (text: string): string => text.replace(/[^A-Za-z0-9,._]/g, escapedUnit);

/**
 * Every sign but letters, digits, blanks and `. _ @ -` as its UTF-16 unit: what is left has no meaning for those who take a script apart without running
 * it (WA-26).
 */
export const scriptTextInUnits = (text: string): string =>
  text.replace(/[^\w .@-]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function escapedUnit(unit: string): string {
  const hex = unit.charCodeAt(0).toString(16).toUpperCase();
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

const isPaired = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdfff) return false;
  const other = text.charCodeAt(unit < 0xdc00 ? at + 1 : at - 1);
  return unit < 0xdc00 ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other <= 0xdbff;
};
