import { once } from 'node:events';
import type { RealmSettings } from '@assent/engine';
import type { OAuthPage } from '@assent/oidc';
import { bodyBytes } from '../http/body-bytes.ts';
import { MAX_BODY_BYTES } from '../http/error-answer.ts';
import { type HttpHandler, notFound, redirectTo, routesFor } from '../http/http-call.ts';
import { parseFormBody } from '../http/parameters.ts';
import { openOAuthView, webRoot } from '../pages/built-views.ts';
import { OAuthPages } from '../pages/oauth-pages.ts';
import { pageAnswer } from '../pages/page-answer.ts';
import { builtPages } from '../pages/pages.ts';
import { RealmAppearances } from '../pages/realm-appearances.ts';
import { oauthPageSamples } from './oauth-page-samples.ts';
import { serveRoutes } from './serve-routes.ts';

// A server of its own process that shows every page of the provider, for tests in a browser: `GET /am/x/y/{sample}`. What leads
// on leads to `?target=`, the colour of the realm is `?colour=`. A form that decides is answered as the provider answers it, by a
// redirect that says which fields came; a form that chooses a language brings the page again.

const view = await openOAuthView(webRoot());
if (view === undefined) throw new Error('The pages are not built; run npm run build.');
const realmOf = (colour = ''): RealmSettings =>
  ({ realm: '/', locale: 'en', brandName: '', brandLogo: '', brandColor: colour }) as RealmSettings;

const withTarget = (page: OAuthPage, target: string | undefined): OAuthPage => {
  if (target === undefined) return page;
  if (page.kind === 'formPost') return { ...page, action: target };
  const { origin, protocol } = new URL(target);
  return page.kind === 'consent' ? { ...page, formTarget: origin === 'null' ? protocol : origin } : page;
};

const shown: HttpHandler = async (call) => {
  const { target, locale, colour } = call.parameters;
  const sample: OAuthPage | undefined = oauthPageSamples[call.names.sample as keyof typeof oauthPageSamples];
  if (sample === undefined) return notFound(call);
  const isPost = call.request.method === 'POST';
  const form = isPost ? pages.readForm(parseFormBody(await bodyBytes(call.request, MAX_BODY_BYTES))) : undefined;
  if (form !== undefined && form.language === undefined && target !== undefined) {
    const came = new URLSearchParams(form.parameters).toString();
    return redirectTo(`${target}${target.includes('?') ? '&' : '?'}${came}`, 302);
  }
  const answer = pages.render(withTarget(sample, target), {
    realm: realmOf(colour),
    headers: call.headers,
    language: form?.language,
    locale,
    transactionId: 'c4d2a0f1-7a55-4a8e-8f52-52f0a0b7c2de',
  });
  return pageAnswer(call, 200, answer);
};

const { port, close } = await serveRoutes({
  ...builtPages('/am', webRoot(), 'http://localhost/am').routes,
  ...routesFor(['GET', 'POST'], '/am/x/y/:sample', shown),
});
const publicUrl = `http://localhost:${port}/am`;
const pages = new OAuthPages({ view, publicUrl, appearances: new RealmAppearances() });
process.stdout.write(`${JSON.stringify({ am: publicUrl, samples: Object.keys(oauthPageSamples) })}\n`);
await once(process, 'SIGTERM');
await close();
