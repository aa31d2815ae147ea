/** A piece of server text that is safe to show: plain text, or one of the few elements that we let through. */
export type RichText = string | RichElement;

/** An element that survived; `href` only on `a`, and only `https:`. */
export interface RichElement {
  readonly tag: RichTag;
  readonly href?: string;
  readonly children: readonly RichText[];
}

/** The elements of ux.md §2.3. */
export type RichTag = 'a' | 'b' | 'strong' | 'em' | 'i' | 'br' | 'p' | 'ul' | 'ol' | 'li';

const kept: ReadonlySet<string> = new Set(['a', 'b', 'strong', 'em', 'i', 'br', 'p', 'ul', 'ol', 'li']);

/** Their content is never text for a person. */
const dropped: ReadonlySet<string> = new Set([
  'script',
  'style',
  'template',
  'iframe',
  'noscript',
  'title',
  'textarea',
  'svg',
  'math',
]);

/** Blocks that we do not keep still part the words around them. */
const blocks: ReadonlySet<string> = new Set([
  'div',
  'section',
  'article',
  'table',
  'tr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
]);

/** Deeper elements are only their words: no text of a page needs more, and whoever reads the tree goes down it by recursion. */
const MAX_DEPTH = 32;

interface Open {
  readonly tag: RichTag | undefined;
  readonly href?: string;
  readonly children: RichText[];
}

/**
 * Reads HTML of a server text into a tree of allowed elements. It never touches the browser's own parser: that would be an
 * injection sink under Trusted Types, and this small reader also runs on the server. Everything unknown becomes text or nothing.
 */
export const parseRichText = (html: string): readonly RichText[] => {
  const stack: Open[] = [{ tag: undefined, children: [] }];
  const top = (): Open => stack[stack.length - 1] as Open;
  const addText = (text: string): void => {
    const { children } = top();
    const last = children[children.length - 1];
    if (text === '') return;
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  };
  const close = (): void => {
    const { tag, href, children } = stack.pop() as Open;
    if (tag === undefined) return;
    top().children.push(href === undefined ? { tag, children } : { tag, href, children });
  };

  let at = 0;
  /** Where the text begins that no tag has ended yet. */
  let textFrom = 0;
  const endText = (end: number): void => addText(decodeEntities(html.slice(textFrom, end)));
  /** With letters of ASCII alone made small, so that places in it are those of the text. */
  let lower: string | undefined;
  for (let next = html.indexOf('<'); next >= 0; next = html.indexOf('<', at)) {
    const isComment = html.startsWith('<!--', next);
    const tagFound = isComment ? undefined : readTag(html, next);
    at = tagFound === undefined ? endOf(html, '-->', next + 4) : tagFound.end;
    if (tagFound !== undefined && tagFound.name === undefined) continue;
    endText(next);
    textFrom = at;
    if (tagFound === undefined) continue;
    const { name, closing } = tagFound;
    if (dropped.has(name)) {
      if (!closing) {
        lower ??= html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
        const end = lower.indexOf(`</${name}`, at);
        at = end < 0 ? html.length : endOf(html, '>', end);
        textFrom = at;
      }
      continue;
    }
    if (blocks.has(name)) addText('\n');
    if (!kept.has(name)) continue;
    const tag = name as RichTag;
    if (tag === 'br') {
      if (!closing) top().children.push({ tag, children: [] });
    } else if (!closing) {
      const href = tag === 'a' ? safeLink(hrefOf(tagFound.attributes)) : undefined;
      // A link that we would not follow, or a link in a link, is only its words.
      const inLink = tag === 'a' && stack.some((it) => it.tag === 'a');
      if ((tag === 'a' && (href === undefined || inLink)) || stack.length > MAX_DEPTH) continue;
      stack.push(href === undefined ? { tag, children: [] } : { tag, href, children: [] });
    } else if (stack.some((it) => it.tag === tag)) {
      while (top().tag !== tag) close();
      close();
    }
  }
  endText(html.length);
  while (stack.length > 1) close();
  return top().children;
};

/** Behind the next such mark; the end of the text where there is none. */
const endOf = (html: string, mark: string, from: number): number => {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
};

/** All links of a tree, in order: what the "Get the app" step needs. */
export const linksOf = (nodes: readonly RichText[]): readonly { href: string; label: string }[] =>
  nodes.flatMap((it) => {
    if (typeof it === 'string') return [];
    if (it.href !== undefined) return [{ href: it.href, label: plainText(it.children).trim() }];
    return linksOf(it.children);
  });

/** The words of a tree without its elements. */
export const plainText = (nodes: readonly RichText[]): string =>
  nodes.map((it) => (typeof it === 'string' ? it : it.tag === 'br' ? '\n' : plainText(it.children))).join('');

/** A tag, or text where `name` is absent; `end` is where to read on. */
type TagFound =
  | { readonly name: string; readonly closing: boolean; readonly attributes: string; readonly end: number }
  | { readonly name?: undefined; readonly end: number };

const TAG_NAME = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])/y;
const WITHIN_TAG = /[^<>"']+|"[^"]*"|'[^']*'/y;

/** Reads from a `<`. No piece of the text is read twice: what turned out to be no tag is text up to where that was seen. */
const readTag = (html: string, start: number): TagFound => {
  TAG_NAME.lastIndex = start;
  const found = TAG_NAME.exec(html);
  if (found === null) return { end: start + 1 };
  const begin = TAG_NAME.lastIndex;
  let end = begin;
  for (WITHIN_TAG.lastIndex = end; WITHIN_TAG.test(html); ) end = WITHIN_TAG.lastIndex;
  const stop = html[end];
  if (stop === '>') {
    const [, slash, name = ''] = found;
    return { name: name.toLowerCase(), closing: slash === '/', attributes: html.slice(begin, end), end: end + 1 };
  }
  return { end: stop === '<' ? end : html.length };
};

const HREF = /(?:^|[\s/"'])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;

const hrefOf = (attributes: string): string | undefined => {
  const found = HREF.exec(attributes);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decodeEntities(value);
};

const safeLink = (value: string | undefined): string | undefined => {
  if (value === undefined || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
};

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const decodeEntities = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,8}));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
