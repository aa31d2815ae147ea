import { linksOf, parseRichText } from '../../kit/rich-text/rich-text.ts';

/** Undoes the escapes of JavaScript string literals in a piece of script, so that its HTML can be read. The script is never run. */
export const unescapeScript = (source: string): string =>
  source.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g,
    (_whole, point?: string, unit?: string, byte?: string, single?: string) => {
      const hex = point ?? unit ?? byte;
      if (hex === undefined) return single === 'n' ? '\n' : single === 't' ? '\t' : (single ?? '');
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );

/** The https links that a script would have put on the page. */
export const linksOfScript = (script: string): readonly { href: string; label: string }[] => {
  const unescaped = unescapeScript(script);
  // Only whole anchors are read: the program around them is no text for anybody.
  return linksOf(anchorsOf(unescaped).flatMap((anchor) => parseRichText(anchor)));
};

const ANCHOR = /<a\b|<\/a>/gi;

/** From each `<a` to the next `</a>`, in one pass. */
const anchorsOf = (text: string): readonly string[] => {
  const anchors: string[] = [];
  let begin: number | undefined;
  for (const { 0: tag, index } of text.matchAll(ANCHOR)) {
    if (tag[1] !== '/') begin ??= index;
    else if (begin !== undefined) {
      anchors.push(text.slice(begin, index + tag.length));
      begin = undefined;
    }
  }
  return anchors;
};
