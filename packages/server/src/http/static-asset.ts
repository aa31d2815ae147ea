import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { header } from './call.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** A built file, read once at the start. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

export const readAsset = (file: string): Asset => {
  const plain = readFileSync(file);
  return {
    type: MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
  };
};

/** Names of the files in a folder; none where there is no such folder. */
export const filesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch {
    return [];
  }
};

/** Sends a file, or says that the browser's copy is still the same. */
export const sendAsset = (request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply => {
  reply.type(asset.type).header('vary', 'Accept-Encoding').header('etag', asset.etag);
  if (header(request, 'if-none-match') === asset.etag) return reply.code(304).send();
  if (!/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) return reply.send(asset.plain);
  return reply.header('content-encoding', 'gzip').send(asset.gzip);
};
