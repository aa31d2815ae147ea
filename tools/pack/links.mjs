import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const LINK = /\[([^\][]*)\]\(([^)\s#]+)(#[^)\s]*)?\)/g;
/** What is shown as code is typed, and not followed. */
const FENCED = /(^```[\s\S]*?^```)/m;
const isElsewhere = (target) => /^[a-z]+:/.test(target);

/**
 * Has the pages of a folder link to what lies in it alone: what lies there by another name is linked by that, and of what stays in the
 * repository the words are left.
 *
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} renamed paths of before, and those in the folder
 */
export const keepLinksInside = (folder, renamed = {}) => {
  const pages = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.md'));
  for (const page of pages) {
    const inside = (link, words, target, anchor = '') => {
      if (isElsewhere(target)) return link;
      const path = normalize(join(dirname(page), target));
      const shipped = Object.hasOwn(renamed, path) ? renamed[path] : path;
      if (!existsSync(join(folder, shipped))) return words;
      return shipped === path ? link : `[${words}](${relative(dirname(page), shipped)}${anchor})`;
    };
    const text = readFileSync(join(folder, page), 'utf8');
    const kept = text
      .split(FENCED)
      .map((part) => (part.startsWith('```') ? part : part.replace(LINK, inside)))
      .join('');
    if (kept !== text) writeFileSync(join(folder, page), kept);
  }
};
