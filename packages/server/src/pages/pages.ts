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

  app.get<{ Params: { name: string } }>(`${context}/assets/:name`, async (request, reply) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    reply.headers(COMMON_HEADERS).headers({
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
    });
    return sendAsset(request, reply, asset);
  });

  const queryOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const redirect = (from: string, to: string) =>
    app.get(`${context}${from}`, async (request, reply) =>
      reply.headers(COMMON_HEADERS).redirect(`${context}${to}${queryOf(request.url)}`, 302),
    );
  redirect('/', '/login');
  if (context !== '') redirect('', '/login');
  redirect('/XUI/', '/login');
  redirect('/XUI', '/login');
  redirect('/console', '/account');
  return { names: pages.map((file) => file.slice(0, -'.html'.length)) };
};
