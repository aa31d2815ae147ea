import { extname, join } from 'node:path';
import {
  type HttpAnswer,
  type HttpCall,
  type HttpHandler,
  type HttpRoutes,
  notFound,
  redirectTo,
} from '../http/http-call.ts';
import { queryOf } from '../http/parameters.ts';
import { COMMON_HEADERS, PAGE_HEADERS } from '../http/security-headers.ts';
import { assetAnswer, filesIn, readAsset } from '../http/static-asset.ts';
import { RENDERED_PAGES } from './built-views.ts';

/** The built pages other than the login page: their names, for the first screen, and their routes. */
export interface Pages {
  readonly names: readonly string[];
  readonly routes: HttpRoutes;
}

/**
 * Cookies, keys and setup codes belong to the public name: a page opened by another name is sent there. Where that name is one
 * of a realm, the address says so from then on.
 */
export const toPublicName = (
  { url, headers, parameters }: Pick<HttpCall, 'url' | 'headers' | 'parameters'>,
  publicUrl: string,
  realmOfHost?: (host: string | undefined) => string | undefined,
): HttpAnswer | undefined => {
  const own = new URL(publicUrl);
  if (headers.host === own.host) return undefined;
  const realm = realmOfHost?.(headers.host);
  if (realm === undefined || (parameters.realm ?? '') !== '') return redirectTo(`${own.origin}${url}`, 307);
  const target = new URL(url, own.origin);
  target.searchParams.set('realm', realm);
  return redirectTo(target.href, 307);
};

/** Leads on to another address with the same query. */
export const redirectWithQuery =
  (to: string): HttpHandler =>
  ({ url }) => {
    const query = queryOf(url);
    return redirectTo(`${to}${query === '' ? '' : `?${query}`}`, 302, COMMON_HEADERS);
  };

/** AM's own login page lives there, and ours answers there as well. */
export const AM_PAGE_FOLDER = '/XUI';

const KEPT_FOR_EVER = {
  ...COMMON_HEADERS,
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Serves the built pages from a map made at start: a path that is not in the map does not exist, so there is no path to
 * escape by. Assets carry their hash in the name and never change.
 */
export const builtPages = (context: string, webRoot: string, publicUrl: string): Pages => {
  const pages = filesIn(webRoot).filter((name) => extname(name) === '.html' && !RENDERED_PAGES.has(name));
  const assets = new Map(
    filesIn(join(webRoot, 'assets')).map((name) => [name, readAsset(join(webRoot, 'assets', name))]),
  );
  const routes: Record<string, HttpHandler> = {};

  for (const file of pages) {
    const asset = readAsset(join(webRoot, file));
    routes[`GET ${context}/${file.slice(0, -'.html'.length)}`] = (call) =>
      toPublicName(call, publicUrl) ?? assetAnswer(call, asset, PAGE_HEADERS);
  }

  const namedAsset: HttpHandler = (call) => {
    const asset = assets.get(call.names.name ?? '');
    return asset === undefined ? notFound(call) : assetAnswer(call, asset, KEPT_FOR_EVER);
  };
  // Pages name their assets relative to themselves, and the login page is served in AM's folder as well.
  for (const folder of ['', AM_PAGE_FOLDER]) routes[`GET ${context}${folder}/assets/:name`] = namedAsset;

  const redirect = (from: string, to: string) => {
    routes[`GET ${context}${from}`] = redirectWithQuery(`${context}${to}`);
  };
  redirect('/', '/login');
  if (context !== '') redirect('', '/login');
  redirect(AM_PAGE_FOLDER, `${AM_PAGE_FOLDER}/`);
  redirect(`${AM_PAGE_FOLDER}/index.html`, `${AM_PAGE_FOLDER}/`);
  redirect('/console', '/account');
  return { names: pages.map((file) => file.slice(0, -'.html'.length)), routes };
};
