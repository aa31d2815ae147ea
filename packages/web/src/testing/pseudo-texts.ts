const accents: Readonly<Record<string, string>> = Object.fromEntries(
  [...'aceinosuyACEINOSUY'].map((letter, index) => [letter, [...'áçéíñóšúýÁÇÉÍÑÓŠÚÝ'][index] ?? letter]),
);

/** A text of the pseudo-language en-XA: accents, 40 % longer, in brackets; `{names}` stay. @see ux.md §2.10 */
export const pseudoText = (text: string): string => {
  const accented = text
    .split(/(\{\w+\})/)
    .map((part, index) => (index % 2 === 1 ? part : [...part].map((letter) => accents[letter] ?? letter).join('')))
    .join('');
  return `[${accented}${'~'.repeat(Math.ceil(text.length * 0.4))}]`;
};
