import { once } from 'node:events';
import type { RealmSettings } from '@assent/engine';
import type { OAuthPage } from '@assent/oidc';
import fastify from 'fastify';
import { type Fields, FORM, parametersOf, parseFormBody } from '../http/parameters.ts';
import { openOAuthView, webRoot } from '../pages/built-views.ts';
import { OAuthPages } from '../pages/oauth-pages.ts';
import { addPageRoutes } from '../pages/pages.ts';
import { RealmAppearances } from '../pages/realm-appearances.ts';
import { sendPage } from '../pages/send-page.ts';
import { oauthPageSamples } from './oauth-page-samples.ts';

// A server of its own process that shows every page of the provider, for tests in a browser: `GET /am/x/y/{sample}`. What leads
// on leads to `?target=`, the colour of the realm is `?colour=`. A form that decides is answered as the provider answers it, by a
// redirect that says which fields came; a form that chooses a language brings the page again.

const view = await openOAuthView(webRoot());
if (view === undefined) throw new Error('The pages are not built; run npm run build.');
const app = fastify({ routerOptions: { querystringParser: () => ({}) } });
app.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, bytes, done) =>
  done(null, parseFormBody(bytes as Buffer)),
);
addPageRoutes(app, '/am', webRoot(), 'http://localhost/am');

const realmOf = (colour = ''): RealmSettings =>
  ({ realm: '/', locale: 'en', brandName: '', brandLogo: '', brandColor: colour }) as RealmSettings;

const withTarget = (page: OAuthPage, target: string | undefined): OAuthPage => {
  if (target === undefined) return page;
  if (page.kind === 'formPost') return { ...page, action: target };
  const { origin, protocol } = new URL(target);
  return page.kind === 'consent' ? { ...page, formTarget: origin === 'null' ? protocol : origin } : page;
};

app.route<{ Params: { sample: string }; Body: Fields | undefined }>({
  method: ['GET', 'POST'],
  url: '/am/x/y/:sample',
  handler: async (request, reply) => {
    const { target, locale, colour } = parametersOf(request.url);
    const sample: OAuthPage | undefined = oauthPageSamples[request.params.sample as keyof typeof oauthPageSamples];
    if (sample === undefined) return reply.code(404).send();
    const form = request.method === 'POST' ? pages.readForm(request.body ?? {}) : undefined;
    if (form !== undefined && form.language === undefined && target !== undefined) {
      const came = new URLSearchParams(form.parameters).toString();
      return reply.redirect(`${target}${target.includes('?') ? '&' : '?'}${came}`, 302);
    }
    const answer = pages.render(withTarget(sample, target), {
      realm: realmOf(colour),
      headers: request.headers,
      language: form?.language,
      locale,
      transactionId: 'c4d2a0f1-7a55-4a8e-8f52-52f0a0b7c2de',
    });
    return sendPage(request, reply, 200, answer);
  },
});

const address = await app.listen({ host: '127.0.0.1', port: 0 });
const publicUrl = `http://localhost:${new URL(address).port}/am`;
const pages = new OAuthPages({ view, publicUrl, appearances: new RealmAppearances() });
process.stdout.write(`${JSON.stringify({ am: publicUrl, samples: Object.keys(oauthPageSamples) })}\n`);
await once(process, 'SIGTERM');
await app.close();
