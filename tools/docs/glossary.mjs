import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace.mjs';

const isRow = (line) => line.startsWith('| ') && !/^\| -+ \|/.test(line);
const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));

/** The rows below a heading of the glossary, without the names of its columns. */
const rowsUnder = (text, heading) => {
  const [, after = ''] = text.split(`\n## ${heading}\n`);
  return after.split('\n## ', 1)[0].split('\n').filter(isRow).slice(1).map(cellsOf);
};

/** The words of `docs/glossary.md`: those that are ours, and the names that we gave up. */
export const glossary = () => {
  const text = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');
  const ours = [
    ...rowsUnder(text, 'AM’s words').map(([, word]) => word),
    ...rowsUnder(text, 'Our words').map(([word]) => word),
  ];
  return {
    ours: ours.flatMap((words) => words.split(', ')),
    givenUp: rowsUnder(text, 'Words that we gave up').map(([word]) => word),
  };
};
