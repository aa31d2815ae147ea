import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { COMMON_HEADERS, PAGE_HEADERS } from '../http/security-headers.ts';
import { filesIn, readAsset, sendAsset } from '../http/static-asset.ts';
import { RENDERED_PAGES } from './built-views.ts';

/** Which pages this build has beside the login page: the first screen names only what answers. */
export interface Pages {
  readonly names: readonly string[];
}

/**
 * Cookies, keys and setup codes belong to the public name: a page opened by another name is sent there. Where that name is one
 * of a realm, the address says so from then on.
 */
export const toPublicName = (
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
  realmOfHost?: (host: string | undefined) => string | undefined,
): FastifyReply | undefined => {
  const own = new URL(publicUrl);
  if (request.headers.host === own.host) return undefined;
  const realm = realmOfHost?.(request.headers.host);
  if (realm === undefined || (request.parameters.realm ?? '') !== '') {
    return reply.redirect(`${own.origin}${request.url}`, 307);
  }
  const target = new URL(request.url, own.origin);
  target.searchParams.set('realm', realm);
  return reply.redirect(target.href, 307);
};

/** AM's own login page lives there, and ours answers there as well. */
export const AM_PAGE_FOLDER = '/XUI';

/**
 * Serves the built pages from a map made at start: a path that is not in the map does not exist, so there is no path to
 * escape by. Assets carry their hash in the name and never change.
 */
export const addPageRoutes = (app: FastifyInstance, context: string, webRoot: string, publicUrl: string): Pages => {
  const pages = filesIn(webRoot).filter((name) => extname(name) === '.html' && !RENDERED_PAGES.has(name));
  const assets = new Map(
    filesIn(join(webRoot, 'assets')).map((name) => [name, readAsset(join(webRoot, 'assets', name))]),
  );

  for (const file of pages) {
    const asset = readAsset(join(webRoot, file));
    app.get(`${context}/${file.slice(0, -'.html'.length)}`, async (request, reply) => {
      return toPublicName(request, reply, publicUrl) ?? sendAsset(request, reply.headers(PAGE_HEADERS), asset);
    });
  }

  const sendNamed = async (request: FastifyRequest<{ Params: { name: string } }>, reply: FastifyReply) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    reply.headers(COMMON_HEADERS).headers({
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
    });
    return sendAsset(request, reply, asset);
  };
  // Pages name their assets relative to themselves, and the login page is served in AM's folder as well.
  for (const folder of ['', AM_PAGE_FOLDER]) app.get(`${context}${folder}/assets/:name`, sendNamed);

  const queryOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const redirect = (from: string, to: string) =>
    app.get(`${context}${from}`, async (request, reply) =>
      reply.headers(COMMON_HEADERS).redirect(`${context}${to}${queryOf(request.url)}`, 302),
    );
  redirect('/', '/login');
  if (context !== '') redirect('', '/login');
  redirect(AM_PAGE_FOLDER, `${AM_PAGE_FOLDER}/`);
  redirect(`${AM_PAGE_FOLDER}/index.html`, `${AM_PAGE_FOLDER}/`);
  redirect('/console', '/account');
  return { names: pages.map((file) => file.slice(0, -'.html'.length)) };
};
