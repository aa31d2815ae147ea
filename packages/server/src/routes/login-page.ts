import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Configuration, RealmSettings } from '@assent/engine';
import type { LoginView, RealmLook } from '@assent/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { header } from '../http/call.ts';
import { preferredLocales } from '../http/locales.ts';
import { realmOfQuery } from '../http/realm-path.ts';
import { COMMON_HEADERS, pageHeaders } from '../http/security-headers.ts';
import { type RealmLogo, readLogo } from '../realm-logo.ts';
import { type PageCallsOptions, pageCalls } from './page-calls.ts';
import { toPublicName } from './pages.ts';

export interface LoginPageOptions extends PageCallsOptions {
  readonly view: LoginView;
  /** Path of the public URL: `/am`, or empty. */
  readonly context: string;
  readonly configuration: Configuration;
  readonly hasPhone: boolean;
}

interface KnownLogo extends RealmLogo {
  /** Changes with the picture. */
  readonly version: string;
}

/**
 * `GET {am}/login`: the page with its first step in it (ux.md §0.2). Looking at it changes nothing: where a journey cannot
 * begin without a write, the page comes without a step and its script asks for it.
 */
export const addLoginPageRoutes = (app: FastifyInstance, options: LoginPageOptions): void => {
  const { view, context, publicUrl, configuration, hasPhone } = options;
  const logos = new WeakMap<RealmSettings, KnownLogo | 'none'>();

  const logoOf = (realm: RealmSettings): KnownLogo | undefined => {
    let known = logos.get(realm);
    if (known === undefined) {
      const logo = readLogo(realm.brandLogo);
      known = logo === undefined ? 'none' : { ...logo, version: versionOf(logo.bytes) };
      logos.set(realm, known);
    }
    return known === 'none' ? undefined : known;
  };

  const lookOf = (path: string): RealmLook => {
    const realm = configuration.realm(path);
    if (realm === undefined) return {};
    const logo = logoOf(realm);
    const src = logo && `login/logo?${new URLSearchParams({ realm: realm.realm, v: logo.version })}`;
    return {
      locale: realm.locale,
      ...(realm.brandName !== '' && { name: realm.brandName }),
      ...(realm.brandColor !== '' && { colour: realm.brandColor }),
      ...(src !== undefined && { logo: { src, ...logo?.size } }),
    };
  };

  const send = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const elsewhere = toPublicName(request, reply, publicUrl);
    if (elsewhere !== undefined) return elsewhere;
    const nonce = randomBytes(16).toString('base64');
    const calls = pageCalls(options, request, reply, 'look');
    const { status, html } = await view.draw({
      href: `${new URL(publicUrl).origin}${request.url}`,
      cookies: request.headers.cookie ?? '',
      languages: preferredLocales(undefined, header(request, 'accept-language')),
      hasPhone,
      nonce,
      lookOf,
      call: calls.call,
    });
    reply
      .code(status)
      .headers(pageHeaders(nonce))
      .headers({ vary: 'Accept-Encoding', 'x-transaction-id': request.transactionId })
      .type('text/html; charset=utf-8');
    if (calls.cookies.length > 0) reply.header('set-cookie', [...calls.cookies]);
    if (!/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) return reply.send(html);
    return reply.header('content-encoding', 'gzip').send(gzipSync(html));
  };

  app.get(`${context}/login`, send);
  app.get<{ Querystring: { readonly realm?: string; readonly v?: string } }>(
    `${context}/login/logo`,
    async ({ query }, reply) => {
      const realm = configuration.realm(realmOfQuery(query.realm) ?? '/');
      const logo = realm && logoOf(realm);
      if (logo === undefined) return reply.callNotFound();
      const isKnown = query.v === logo.version;
      return reply
        .headers(COMMON_HEADERS)
        .headers({
          'cache-control': isKnown ? 'public, max-age=31536000, immutable' : 'no-store',
          'cross-origin-resource-policy': 'same-origin',
        })
        .type(logo.type)
        .send(logo.bytes);
    },
  );
};

const versionOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
