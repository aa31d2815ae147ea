import { randomBytes } from 'node:crypto';
import { header } from '../http/call.ts';
import { type HttpRoutes, notFound, routesFor } from '../http/http-call.ts';
import { preferredLocales } from '../http/locales.ts';
import { pageHeaders } from '../http/security-headers.ts';
import { pageAnswer, RENDERED_HEADERS } from './page-answer.ts';
import { type PageLanguage, pageLanguageOf } from './page-languages.ts';
import { rootTexts } from './root-texts.ts';

const STYLE = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:10vh auto;padding:0 1.5rem}
li{margin:.75rem 0}.more{margin-top:2rem;font-size:.875rem}`;

export interface RootPageOptions {
  /** The path that everything else is under, such as `/am`. */
  readonly context: string;
  /** The pages of this build by name; only those are linked to. */
  readonly pages: readonly string[];
  readonly hasPhone: boolean;
}

/** Everything in it is ours: texts, the context path and names of pages. */
const rendered = (language: PageLanguage, nonce: string, { context, pages, hasPhone }: RootPageOptions): string => {
  const texts = rootTexts[language];
  const links: readonly (readonly [path: string, text: string])[] = [
    ['login', texts.login],
    ...(pages.includes('account') ? [['account', texts.account] as const] : []),
    ...(hasPhone ? [['phone/', texts.phone] as const] : []),
    ['oauth2/.well-known/openid-configuration', texts.discovery],
  ];
  const items = links.map(([path, text]) => `<li><a href="${context}/${path}">${text}</a></li>`).join('\n');
  const docs = texts.docs
    .replace('{folder}', '<code dir="ltr">docs/guides</code>')
    .replace('{command}', '<code dir="ltr">assent --help</code>');
  return `<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>${texts.title}</h1>
<p>${texts.about}</p>
<ul>
${items}
</ul>
<p class="more">${docs}</p>
</main>
</body>
</html>
`;
};

/**
 * `GET /`: a person who opens the host finds what is here. A program that asks for JSON gets the 404 that it always got. Where the context path is
 * empty the root leads to the login page.
 */
export const rootPageRoutes = (options: RootPageOptions): HttpRoutes => {
  if (options.context === '') return {};
  return routesFor(['GET', 'HEAD'], '/', (call) => {
    const accept = header(call, 'accept') ?? '*/*';
    if (!/\btext\/(?:html|\*)|\*\/\*/i.test(accept) || /^\s*application\/json/i.test(accept)) {
      const { headers, ...refusal } = notFound(call);
      return { ...refusal, headers: { ...headers, vary: VARY } };
    }
    const nonce = randomBytes(16).toString('base64url');
    const language = pageLanguageOf(preferredLocales(call.parameters.locale, header(call, 'accept-language')));
    const headers = { ...pageHeaders(nonce), 'content-language': language, vary: VARY };
    return pageAnswer(call, 200, { html: rendered(language, nonce, options), headers });
  });
};

const VARY = `Accept, Accept-Language, ${RENDERED_HEADERS.vary}`;
