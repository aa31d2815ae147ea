import { readLdif } from './ldif.ts';
import { readRestAnswers } from './rest-answers.ts';
import { MAX_ENTRY_CHARACTERS, type SourceEntry, UnreadableFile } from './source-entry.ts';
import { linesOf, textsOfFile } from './texts-of-file.ts';

export const FORMATS = ['ldif', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** By how the file begins: JSON has a brace or a bracket, and no line of LDIF has. */
export const formatOf = async (file: string): Promise<Format> => {
  for await (const text of textsOfFile(file)) {
    if (text.startsWith('{"assent":')) {
      throw new UnreadableFile(
        'line 1',
        'a file that assent export realm --users has written',
        'assent import realm FILE --users',
      );
    }
    const [first] = text.trimStart();
    if (first !== undefined) return first === '{' || first === '[' ? 'json' : 'ldif';
  }
  return 'ldif';
};

/** The entries of a file, one after the other: it may be larger than the memory. */
export const entriesOf = (file: string, format: Format): AsyncGenerator<SourceEntry> =>
  format === 'json' ? readRestAnswers(textsOfFile(file)) : readLdif(linesOf(textsOfFile(file), MAX_ENTRY_CHARACTERS));
