import type { Page } from './page.ts';
import { pagesOf, type Section } from './sections.ts';
import { linkTo, writtenPage } from './written-pages.ts';

/** The part of the README that the site has its own navigation for; only its last paragraph, about the licence, is kept. */
const WHERE = '\n## Where things are\n';

/** Every page of the site in one list, for readers without a script, who cannot search. */
export const contentsPage = (sections: readonly Section[]): Page => {
  const parts = sections.map(
    (section) =>
      `## ${section.title}\n\n${pagesOf(section)
        .map((page) => `- ${linkTo(page)}`)
        .join('\n')}\n`,
  );
  return writtenPage('contents', `# All pages\n\n${parts.join('\n')}`);
};

const linksTo = (pages: readonly Page[]): string => pages.map((page) => linkTo(page)).join(' · ');

const linesOf = ({ title, index, groups, isFolded }: Section): string => {
  const name = `- **${index === undefined ? title : linkTo(index, title)}**`;
  if (isFolded) return `${name}: ${groups.flatMap(({ pages }) => pages).length} pages`;
  const parts = groups.map((group) => `${group.title === undefined ? '' : `${group.title}: `}${linksTo(group.pages)}`);
  return parts.length === 1 ? `${name}: ${parts[0]}` : [name, ...parts.map((part) => `  - ${part}`)].join('\n');
};

/** The front page: the README, with the parts of the site where it says where things are in the repository. */
export const frontPage = (readme: Page, sections: readonly Section[]): Page => {
  const [before = '', where] = readme.markdown.split(WHERE);
  if (where === undefined) {
    throw new RangeError('README.md has no part "## Where things are" for the site to take the place of.');
  }
  const licence = where.trim().split('\n\n').at(-1) ?? '';
  const parts = sections.filter((section) => pagesOf(section).length > 0).map(linesOf);
  const rest = before.replace(/^## /m, `## Where to read on\n\n${parts.join('\n')}\n\n## `);
  return { ...readme, markdown: `${rest}\n${licence}\n` };
};
