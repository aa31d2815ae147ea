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
  // Only whole anchors are read, from an `<a` to the next `</a>`: the program around them is no text for anybody.
  const parts = unescapeScript(script).split(/<\/a>/i).slice(0, -1);
  return linksOf(
    parts.flatMap((part) => {
      const begin = part.search(/<a\b/i);
      return begin < 0 ? [] : parseRichText(part.slice(begin));
    }),
  );
};
