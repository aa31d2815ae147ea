/** Adds an import and an entry to the catalogue, each where the alphabet has it. */
export const withCatalogueEntry = (catalogue, { constant, file }, folder) => {
  const imported = insertSorted(catalogue, /^import \{ \w+ \} from '\.\/(\S+)';$/, `${folder}/${file}.node.ts`, [
    `import { ${constant} } from './${folder}/${file}.node.ts';`,
  ]);
  return insertSorted(imported, /^ {4}(\w+),$/, constant, [`    ${constant},`]);
};

/** Adds a text to those of one language. */
export const withText = (texts, key, text) =>
  insertSorted(texts, /^ {2}'([^']+)':/, key, [`  '${key}': ${JSON.stringify(text)},`]);

/** Puts lines before the first entry that comes after `name`; `entry` finds entries and what they are sorted by. */
const insertSorted = (source, entry, name, added) => {
  const lines = source.split('\n');
  const entries = lines.flatMap((line, at) => {
    const [, sortedBy] = entry.exec(line) ?? [];
    return sortedBy === undefined ? [] : [{ at, sortedBy }];
  });
  if (entries.length === 0) throw new Error(`Nothing in the file looks like ${entry}.`);
  if (entries.some(({ sortedBy }) => sortedBy === name)) throw new RangeError(`There is a ${name} already.`);
  const next = entries.find(({ sortedBy }) => sortedBy > name);
  lines.splice(next?.at ?? endOfEntry(lines, entries.at(-1).at), 0, ...added);
  return lines.join('\n');
};

/** The line after an entry, which may go on over several lines. */
const endOfEntry = (lines, at) => lines.findIndex((line, index) => index >= at && /[,;]$/.test(line)) + 1;
