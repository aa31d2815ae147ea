/** A page of the site that is made of a Markdown file of the repository, or of Markdown that the site writes itself. */
export interface Page {
  /** The path of the Markdown from the root of the repository; of one that the site writes, a path that no file has. */
  readonly source: string;
  /** Where the page lies in the site, such as `guides/mail.html`. */
  readonly address: string;
  readonly title: string;
  /** Its first sentence or two, as plain text. */
  readonly summary: string;
  readonly markdown: string;
  /** Whether the Markdown is a file that somebody can open, and not written by the site. */
  readonly isFile: boolean;
}

/** Pages that stand together in the navigation, under a heading or without one. */
export interface Group {
  readonly title?: string;
  readonly pages: readonly Page[];
}

/** The way from one page to another file of the site: relative, so that the site works below any path and without a server. */
export const wayTo = (from: string, to: string): string => {
  const folders = from.split('/').slice(0, -1);
  const target = to.split('/');
  let common = 0;
  while (common < folders.length && common < target.length - 1 && folders[common] === target[common]) common += 1;
  return [...folders.slice(common).map(() => '..'), ...target.slice(common)].join('/');
};
