/** A piece of server text that is safe to show: plain text, or one of the few elements that we let through. */
export type RichText = string | RichElement;

/** An element that survived; `href` only on `a`, and only `https:`. */
export interface RichElement {
  readonly tag: RichTag;
  readonly href?: string | undefined;
  readonly children: readonly RichText[];
}

/** The elements of ux.md §2.3. */
export type RichTag = 'a' | 'b' | 'strong' | 'em' | 'i' | 'br' | 'p' | 'ul' | 'ol' | 'li';

const kept = /^(?:[abip]|strong|em|br|[uo]l|li)$/;

/** Their content is never text for a person. */
const dropped = /^(?:script|style|template|iframe|noscript|title|textarea|svg|math)$/;

/** Blocks that we do not keep still part the words around them. */
const blocks = /^(?:div|section|article|table|tr|h[1-6])$/;

/** Deeper elements are only their words: no text of a page needs more, and whoever reads the tree goes down it by recursion. */
const MAX_DEPTH = 32;

interface Open {
  readonly tag: RichTag | undefined;
  readonly href?: string | undefined;
  readonly children: RichText[];
}

/**
 * Reads HTML of a server text into a tree of allowed elements. It never touches the browser's own parser: that would be an
 * injection sink under Trusted Types, and this small reader also runs on the server. Everything unknown becomes text or nothing.
 */
export const parseRichText = (html: string): readonly RichText[] => {
  const root: Open = { tag: undefined, children: [] };
  const stack = [root];
  const top = (): Open => stack[stack.length - 1] as Open;
  const addText = (text: string): void => {
    const { children } = top();
    const last = children[children.length - 1];
    if (text === '') return;
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  };
  let at = 0;
  /** Where the text begins that no tag has ended yet. */
  let textFrom = 0;
  const endText = (end: number): void => addText(decodeEntities(html.slice(textFrom, end)));
  /** No piece of the text is read twice, since each such mark is found: at the end of the text at the latest. */
  const skipTo = (mark: RegExp): void => {
    mark.lastIndex = at;
    mark.test(html);
    at = mark.lastIndex;
    textFrom = at;
  };
  for (let next = html.indexOf('<'); next >= 0; next = html.indexOf('<', at)) {
    TAG.lastIndex = next;
    const [found = '', slash, written = '', attributes = ''] = TAG.exec(html) ?? [];
    at = next + (found.length || 1);
    if (html.startsWith('<!--', next)) {
      endText(next);
      at = next + 4;
      skipTo(/-->|$/g);
      continue;
    }
    if (found === '' || html[at] !== '>') {
      // What turned out to be no tag is text up to where that was seen.
      if (found && html[at] !== '<') at = html.length;
      continue;
    }
    endText(next);
    at += 1;
    textFrom = at;
    const name = written.toLowerCase();
    if (dropped.test(name)) {
      if (slash) continue;
      do skipTo(/<\/|$/g);
      while (at < html.length && html.slice(at, at + name.length).toLowerCase() !== name);
      skipTo(/>|$/g);
      continue;
    }
    if (blocks.test(name)) addText('\n');
    if (!kept.test(name)) continue;
    const tag = name as RichTag;
    if (slash) {
      const open = stack.map((it) => it.tag).lastIndexOf(tag);
      if (open > 0) stack.length = open;
      continue;
    }
    const isLink = tag === 'a';
    const href = isLink ? linkOf(attributes) : undefined;
    // A link that we would not follow, or a link in a link, is only its words.
    if (isLink && (!href || stack.some((it) => it.tag === tag))) continue;
    const element = { tag, href, children: [] };
    const isBreak = tag === 'br';
    if (!isBreak && stack.length > MAX_DEPTH) continue;
    top().children.push(element);
    if (!isBreak) stack.push(element);
  }
  endText(html.length);
  return root.children;
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

/** What a tag is up to its `>`. */
const TAG = /<(\/?)([a-z][a-z0-9]*)(?=[\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*)/iy;

const HREF = /[\s/"']href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;

/** Where a link leads; undefined where we would not follow it. */
const linkOf = (attributes: string): string | undefined => {
  const [, double, single, bare = ''] = HREF.exec(attributes) ?? [];
  const value = decodeEntities(double ?? single ?? bare);
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'https:' && url.username + url.password === '' ? url.href : undefined;
};

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const decodeEntities = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const point = Number(decimal ?? `0x${hex}`);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
