/** What is left of a typed or pasted text as a number: digits of any script, blanks and dashes forgiven. @see ux.md §1.1 */
export const digitsOf = (text: string, most: number): string =>
  text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
    .replace(/\D/g, '')
    .slice(0, most);
