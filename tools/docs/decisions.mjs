import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOTE, table } from './markdown.mjs';

const DIRECTORY = fileURLToPath(new URL('../../docs/adr', import.meta.url));

/** The decisions in `docs/adr`, by their numbers: what their first lines say, and their headings. */
export const decisions = () =>
  readdirSync(DIRECTORY)
    .filter((file) => /^\d/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(join(DIRECTORY, file), 'utf8');
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(text) ?? [];
      const [, status] = /^Status: (.+)\.$/m.exec(text) ?? [];
      return {
        file,
        number: Number(number),
        title,
        status,
        headings: [...text.matchAll(/^## (.+)$/gm)].map(([, it]) => it),
      };
    });

/** The index of the decisions. */
export const decisionsPage = () =>
  `${NOTE}# Decisions\n\nOne page each: what was to be decided, what we do, and what we gave up for it. Whoever would ask "why not …?" finds the answer here, and whoever changes one writes the next.\n\n${table(
    ['No.', 'Decision', 'Status'],
    decisions().map(({ file, number, title, status }) => [number, `[${title}](${file})`, status]),
  )}\n`;
