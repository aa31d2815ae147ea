import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { header } from '../http/call.ts';
import { COMMON_HEADERS, PAGE_HEADERS } from '../http/security-headers.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

const readAsset = (file: string): Asset => {
  const plain = readFileSync(file);
  return {
    type: MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
  };
};

const filesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch {
    return [];
  }
};

const sendAsset = (request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply => {
  reply.type(asset.type).header('vary', 'Accept-Encoding').header('etag', asset.etag);
  if (header(request, 'if-none-match') === asset.etag) return reply.code(304).send();
  if (!/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) return reply.send(asset.plain);
  return reply.header('content-encoding', 'gzip').send(asset.gzip);
};

/** Which pages this build has: the first screen names only what answers. */
export interface Pages {
  readonly names: readonly string[];
}

/**
 * Serves the built pages from a map made at start: a path that is not in the map does not exist, so there is no path to
 * escape by. Assets carry their hash in the name and never change.
 */
export const addPageRoutes = (app: FastifyInstance, context: string, webRoot: string, publicUrl: string): Pages => {
  const pages = filesIn(webRoot).filter((name) => extname(name) === '.html');
  const assets = new Map(
    filesIn(join(webRoot, 'assets')).map((name) => [name, readAsset(join(webRoot, 'assets', name))]),
  );

  for (const file of pages) {
    const asset = readAsset(join(webRoot, file));
    app.get(`${context}/${file.slice(0, -'.html'.length)}`, async (request, reply) => {
      // Cookies and setup codes belong to the public name: a page opened by another name is sent there.
      const own = new URL(publicUrl);
      if (request.headers.host !== own.host) return reply.redirect(`${own.origin}${request.url}`, 307);
      return sendAsset(request, reply.headers(PAGE_HEADERS), asset);
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
