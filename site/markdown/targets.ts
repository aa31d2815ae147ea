import { statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { type Page, wayTo } from '../content/page.ts';

/** What a link of the Markdown leads to. */
export type Target =
  | { readonly kind: 'page'; readonly page: Page; readonly anchor: string }
  | { readonly kind: 'elsewhere'; readonly href: string }
  /** A picture, or another file or folder of the repository, by its path from the root. */
  | { readonly kind: 'picture' | 'file'; readonly path: string };

const PICTURE = /\.(png|svg|jpe?g|webp)$/;

/** Finds what links mean, as they are written for readers of the repository. */
export class Targets {
  readonly #root: string;
  readonly #pages: ReadonlyMap<string, Page>;
  readonly #sourceUrl: string | undefined;
  /** Paths of files that pages link to, and that no page is made of. */
  readonly files = new Set<string>();
  readonly pictures = new Set<string>();

  /** `pages` are all that there are, also those that the site writes; `sourceUrl` is what the path of a file follows in the repository. */
  constructor(root: string, pages: readonly Page[], sourceUrl: string | undefined) {
    this.#root = root;
    this.#pages = new Map(pages.map((page) => [page.source, page]));
    this.#sourceUrl = sourceUrl;
  }

  /** What a link on a page leads to; throws `RangeError` where there is nothing. */
  find(from: Page, href: string): Target {
    if (/^[a-z][a-z+.-]*:/i.test(href)) return { kind: 'elsewhere', href };
    const [path = '', anchor = ''] = decodeURI(href).split('#', 2);
    const source =
      path === ''
        ? from.source
        : normalize(path.startsWith('/') ? path.slice(1) : join(dirname(from.source), path)).replace(/\/$/, '');
    const page = this.#pages.get(source) ?? this.#pages.get(`${source}/README.md`);
    if (page !== undefined) return { kind: 'page', page, anchor };
    if (statSync(join(this.#root, source), { throwIfNoEntry: false }) === undefined) {
      throw new RangeError(`${from.source} links to ${href}, and there is no ${source}.`);
    }
    const kind = PICTURE.test(source) ? 'picture' : 'file';
    (kind === 'picture' ? this.pictures : this.files).add(source);
    return { kind, path: source };
  }

  /** The address that a link on a page has in the site. */
  address(from: Page, href: string): string {
    const target = this.find(from, href);
    switch (target.kind) {
      case 'elsewhere':
        return target.href;
      case 'page':
        return `${target.page === from && target.anchor !== '' ? '' : wayTo(from.address, target.page.address)}${target.anchor && `#${target.anchor}`}`;
      case 'picture':
        return wayTo(from.address, pictureAddress(target.path));
      case 'file':
        return this.#sourceUrl === undefined
          ? wayTo(from.address, fileAddress(target.path))
          : this.#sourceUrl + target.path;
    }
  }
}

/** Where a picture of the repository lies in the site. */
export const pictureAddress = (path: string): string => path.replace(/^docs\//, '');

/** Where the site shows a file that no page is made of, when there is no repository to look at it in. */
export const fileAddress = (path: string): string => `files/${path}.html`;
