/** Names from outside are clipped, and stripped of what does not print. @see ux.md §7.5, 17 */
const clean = (name: string): string =>
  name
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 64);

/** Who is waited for: one name, two, or the first and how many more; `undefined` where no name is known. @see ux.md §2.5 */
export const deviceNames = (
  names: readonly string[],
  { language, more }: { readonly language: string; readonly more: (first: string, n: number) => string },
): string | undefined => {
  const known = names.map(clean).filter((name) => name !== '');
  const [first, second] = known;
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  return known.length > 2
    ? more(first, known.length - 1)
    : new Intl.ListFormat(language, { type: 'conjunction' }).format([first, second]);
};
