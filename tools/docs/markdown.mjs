/** First line of every page that is generated. */
export const NOTE = '<!-- Made by `npm run docs` from the definitions. Change those, not this file. -->\n\n';

const cell = (value) => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
export const code = (value) => `\`${cell(typeof value === 'string' && value !== '' ? value : JSON.stringify(value))}\``;
export const table = (head, rows) =>
  rows.length === 0
    ? ''
    : [
        `| ${head.join(' | ')} |`,
        `|${head.map(() => '---').join('|')}|`,
        ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
      ].join('\n');
