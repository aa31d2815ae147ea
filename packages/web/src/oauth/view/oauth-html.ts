import { headFillings, headMarks } from '../../kit/html/page-head.ts';
import { pageTemplate } from '../../kit/html/page-template.ts';
import type { Language } from '../../kit/language/language.ts';

/** What differs from visit to visit. */
export interface OAuthPageParts {
  readonly language: Language;
  /** As HTML. */
  readonly title: string;
  /** A style sheet of the realm's; empty for our own colours. */
  readonly theme: string;
  /** Allows the style sheets in the page. */
  readonly nonce: string;
  /** Path of the folder of all our pages: those of the provider are shown at addresses further down. */
  readonly folder: string;
  /** The page itself, as HTML. */
  readonly screen: string;
  /** Whether the page sends its form by itself. */
  readonly hasScript: boolean;
}

const once = (built: string, what: RegExp): string => {
  const [found, ...more] = built.match(what) ?? [];
  if (found === undefined || more.length > 0) throw new RangeError(`The built page needs ${what} once.`);
  return found;
};

/** Reads the built HTML of the provider's pages once; throws where something is not in it exactly once. */
export const oauthTemplate = (built: string): ((parts: OAuthPageParts) => string) => {
  const script = once(built, /<script\b[^<>]*><\/script>/g);
  const icon = once(built, /<link rel="icon"[^<>]*>/g);
  const fill = pageTemplate(built, {
    ...headMarks,
    title: '<title>Assent</title>',
    icon,
    script,
    screen: '<!--screen-->',
  });
  const at = (tag: string, folder: string): string => tag.replace('="./', () => `="${folder}`);
  return (parts) =>
    fill({
      ...headFillings(parts),
      title: `<title>${parts.title}</title>`,
      icon: at(icon, parts.folder),
      script: parts.hasScript ? at(script, parts.folder) : '',
      screen: parts.screen,
    });
};
