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
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next < 0) {
      addText(decodeEntities(html.slice(at)));
      break;
    }
    addText(decodeEntities(html.slice(at, next)));
    if (html.startsWith('<!--', next)) {
      const end = html.indexOf('-->', next + 4);
      at = end < 0 ? html.length : end + 3;
      continue;
    }
    const found = tagPattern.exec(html.slice(next, next + 4096));
    if (found === null) {
      addText('<');
      at = next + 1;
      continue;
    }
    at = next + found[0].length;
    const closing = found[1] === '/';
    const name = (found[2] ?? '').toLowerCase();
    if (dropped.has(name)) {
      if (!closing) {
        const end = html.toLowerCase().indexOf(`</${name}`, at);
        const after = end < 0 ? -1 : html.indexOf('>', end);
        at = after < 0 ? html.length : after + 1;
      }
      continue;
    }
    if (blocks.has(name)) addText('\n');
    if (!kept.has(name)) continue;
    const tag = name as RichTag;
    if (tag === 'br') {
      if (!closing) top().children.push({ tag, children: [] });
    } else if (!closing) {
      const href = tag === 'a' ? safeLink(attribute(found[3] ?? '', 'href')) : undefined;
      // A link that we would not follow, or a link in a link, is only its words.
      const inLink = tag === 'a' && stack.some((it) => it.tag === 'a');
      if (tag === 'a' && (href === undefined || inLink)) continue;
      stack.push(href === undefined ? { tag, children: [] } : { tag, href, children: [] });
    } else if (stack.some((it) => it.tag === tag)) {
      while (top().tag !== tag) close();
      close();
    }
  }
  while (stack.length > 1) close();
  return top().children;
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

const tagPattern = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+|\/)(?:"[^"]*"|'[^']*'|[^'">])*)?>/;

const attribute = (source: string, name: string): string | undefined => {
  const found = new RegExp(`(?:^|[\\s/"'])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(source);
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
