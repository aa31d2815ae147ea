import { join } from 'node:path';
import { type HttpRoutes, jsonAnswer, notFound } from '../http/http-call.ts';
import { COMMON_HEADERS, PHONE_HEADERS } from '../http/security-headers.ts';
import { type Asset, assetAnswer, filesIn, readAsset } from '../http/static-asset.ts';
import { redirectWithQuery, toPublicName } from './pages.ts';

const PAGE = 'index.html';

/** Whether this build has the phone; it is only announced where it answers. */
export const hasPhonePage = (webRoot: string): boolean => filesIn(join(webRoot, 'phone')).includes(PAGE);

export interface PhonePageOptions {
  /** Path of the public URL: `/am`, or empty. */
  readonly context: string;
  /** Where the pages were built to. */
  readonly webRoot: string;
  readonly publicUrl: string;
  /** Our public key for Web Push, base64url. @see RFC 8292 §3.2 */
  readonly applicationServerKey: string;
}

/** Beside the page: its worker, manifest and icons. Their names stay, so that each start of the phone asks whether they changed. */
const PART_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON_HEADERS,
  'cache-control': 'no-cache',
  'cross-origin-resource-policy': 'same-origin',
  // The worker runs under its own policy and not under the page's: its own server and nobody else.
  'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'",
};

/**
 * The phone, at `{am}/phone/`: a folder of its own, so that its service worker has that folder as its scope and no more.
 * Nothing is served where this build has none.
 */
export const phonePageRoutes = (options: PhonePageOptions): HttpRoutes => {
  const { context, webRoot, publicUrl, applicationServerKey } = options;
  const folder = join(webRoot, 'phone');
  const parts = new Map<string, Asset>(filesIn(folder).map((name) => [name, readAsset(join(folder, name))]));
  const page = parts.get(PAGE);
  if (page === undefined) return {};
  parts.delete(PAGE);
  return {
    [`GET ${context}/phone`]: redirectWithQuery(`${context}/phone/`),
    [`GET ${context}/phone/`]: (call) => toPublicName(call, publicUrl) ?? assetAnswer(call, page, PHONE_HEADERS),
    [`GET ${context}/phone/application-server-key`]: () => jsonAnswer(200, { key: applicationServerKey }),
    [`GET ${context}/phone/:part`]: (call) => {
      const part = parts.get(call.names.part ?? '');
      return part === undefined ? notFound(call) : assetAnswer(call, part, PART_HEADERS);
    },
  };
};
