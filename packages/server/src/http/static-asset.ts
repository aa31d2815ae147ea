import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { shareInMemory } from '../bounds/bounded-response.ts';
import { header } from './call.ts';
import type { HttpAnswer, HttpCall } from './http-call.ts';

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

const compress = promisify(gzip);

/** A built file, read once at the start. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly etag: string;
  /** Made for the first who asks: at the start it would take longer than all the rest. */
  compressed(): Promise<Buffer>;
}

export const readAsset = (file: string): Asset => {
  const plain = shareInMemory(readFileSync(file));
  let compressed: Promise<Buffer> | undefined;
  return {
    type: MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
    plain,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    compressed() {
      compressed ??= compress(plain, { level: 9 }).then(shareInMemory);
      return compressed;
    },
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

/** A file, or that the browser's copy is still the same. */
export const assetAnswer = async (
  { headers }: Pick<HttpCall, 'headers'>,
  asset: Asset,
  own: HttpAnswer['headers'],
): Promise<HttpAnswer> => {
  const described = { ...own, 'content-type': asset.type, vary: 'Accept-Encoding', etag: asset.etag };
  if (headers['if-none-match'] === asset.etag) return { status: 304, headers: described };
  if (!/\bgzip\b/.test(header({ headers }, 'accept-encoding') ?? '')) {
    return { status: 200, headers: described, body: asset.plain };
  }
  return { status: 200, headers: { ...described, 'content-encoding': 'gzip' }, body: await asset.compressed() };
};
