import { randomBytes } from 'node:crypto';
import { JourneyError } from '@assent/engine';
import type { Journeys } from '@assent/engine/host';
import { pushMessageId } from '@assent/nodes';
import { errorBody, type HeldLogin, type LoginView, type QrCode, type RealmAppearance } from '@assent/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthIdSigner } from '../authentication/auth-id-signer.ts';
import type { SealedSteps } from '../authentication/sealed-steps.ts';
import { pacedRequest, type RequestPace } from '../bounds/request-pace.ts';
import { header } from '../http/call.ts';
import { preferredLocales } from '../http/locales.ts';
import type { OriginRules } from '../http/origin-rules.ts';
import { type Fields, FORM, parseFormBody } from '../http/parameters.ts';
import { COMMON_HEADERS, JSON_HEADERS, pageHeaders } from '../http/security-headers.ts';
import type { PhoneWaits } from '../journeys/phone-waits.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { realmOfQuery } from '../realms/realm-path.ts';
import { nameRealm, type RoutedRequest } from '../telemetry/http-observer.ts';
import { type PageCallsOptions, pageCalls } from './page-calls.ts';
import { AM_PAGE_FOLDER, toPublicName } from './pages.ts';
import type { RealmAppearances } from './realm-appearances.ts';
import { RENDERED_HEADERS, sendPage } from './send-page.ts';

export interface LoginPageOptions extends PageCallsOptions {
  readonly view: LoginView;
  /** Path of the public URL: `/am`, or empty. */
  readonly context: string;
  readonly configuration: Pick<LiveConfiguration, 'catchUpWith' | 'realm' | 'realmPathOf' | 'realmPathOfHost'>;
  readonly appearances: RealmAppearances;
  readonly hasPhone: boolean;
  readonly origins: OriginRules;
  readonly steps: SealedSteps;
  readonly renderQr: (text: string) => Promise<QrCode>;
  readonly pace: Pick<RequestPace, 'next'>;
  readonly held: {
    readonly journeys: Pick<Journeys, 'status'>;
    readonly signer: AuthIdSigner;
    readonly waits: PhoneWaits;
  };
}

/**
 * `GET {am}/login`, and `GET {am}/XUI/`, where AM's users and SDKs expect it: the page with its first step in it (ux.md §0.2). Looking at it changes nothing: where a journey cannot
 * begin without a write, the page comes without a step and its script asks for it. `POST {am}/login`: what a browser without
 * our script sends; it is answered with the next screen, and held open while that waits for a phone (§2.9).
 */
export const addLoginPageRoutes = (app: FastifyInstance, options: LoginPageOptions): void => {
  const { view, context, publicUrl, configuration, appearances, hasPhone, origins, steps, renderQr, log } = options;
  const { journeys, signer, waits } = options.held;
  /** A realm that is not there, or is switched off, looks as the root does: its name comes from the address, which anyone may have written. */
  const appearanceOf = (path: string): RealmAppearance => {
    const realm = configuration.realm(configuration.realmPathOf(path));
    if (realm !== undefined) return appearances.of(realm);
    const root = appearances.of(configuration.realm('/'));
    return { ...root, name: root.name ?? 'Assent' };
  };

  const answer = async (request: FastifyRequest, reply: FastifyReply, form?: Fields): Promise<FastifyReply> => {
    const { transactionId, parameters } = request;
    const realmPath = configuration.realmPathOf(realmOfQuery(parameters.realm) ?? '/');
    await configuration.catchUpWith(realmPath, { tree: parameters.service });
    const realm = configuration.realm(realmPath);
    nameRealm(request.raw, realm);
    await options.pace.next(() => pacedRequest(realm?.realm, request.ip, request.headers));
    if (form?.step !== undefined) await steps.reading(form.step);
    const nonce = randomBytes(16).toString('base64');
    const calls = pageCalls(options, request, reply, form === undefined ? 'preview' : 'form');
    const rendered = await view.render({
      href: `${new URL(publicUrl).origin}${request.url}`,
      cookies: request.headers.cookie ?? '',
      languages: preferredLocales(undefined, header(request, 'accept-language')),
      hasPhone,
      nonce,
      ...(form && { form }),
      steps: { seal: (text) => steps.seal(text), open: (sealed) => steps.open(sealed) },
      appearanceOf,
      call: calls.call,
      renderQr: (text) =>
        renderQr(text).catch((cause: unknown): QrCode => {
          log.error({ transactionId, cause: cause }, 'A setup code could not be rendered; it can be copied.');
          return 'too-long';
        }),
    });
    if ('refusal' in rendered) return refuse(reply, 400, rendered.refusal);
    const setCookies = [...calls.cookies, ...(rendered.cookies ?? [])];
    const headers = {
      ...RENDERED_HEADERS,
      ...pageHeaders(nonce, { keepsOpener: request.parameters.display === 'popup' }),
      'x-transaction-id': transactionId,
      ...(setCookies.length > 0 && { 'set-cookie': setCookies }),
    };
    const wait = rendered.held && (await placeToWait(rendered.held, request.ip));
    if (rendered.held !== undefined && wait !== undefined) {
      const { closings } = rendered.held;
      (request.raw as RoutedRequest).isHeld = true;
      reply.hijack();
      waits.hold({
        ...wait,
        response: reply.raw,
        headers,
        transactionId,
        begin: rendered.html,
        comment: '<!-- still here -->',
        // Without a script a page has all ways in, and a button to send again: of a dead address it does not hear.
        last: (news) => `${news === undefined || news === 'unreachable' ? '' : closings[news]}${rendered.end}`,
      });
      return reply;
    }
    return sendPage(request, reply, rendered.status, { html: rendered.html + rendered.end, headers });
  };

  /** Where the answer may wait for the phone; undefined where there is no place, and the button of the page has to do. */
  const placeToWait = async ({ authId }: HeldLogin, clientAddress: string) => {
    const reference = signer.open(authId);
    const journeyStatus = await journeys.status({ realm: reference.realm, reference }).catch((error: unknown) => {
      // Another tab was quicker: what comes of that is for the button to find out.
      if (error instanceof JourneyError) return undefined;
      throw error;
    });
    const awaited = journeyStatus?.shared[pushMessageId.keyName];
    if (journeyStatus === undefined || typeof awaited !== 'string') return undefined;
    const { journeyId, identifiedUser } = journeyStatus;
    return waits.refusal(journeyId, clientAddress) === undefined
      ? { realm: reference.realm, journeyId, clientAddress, awaited, identifiedUser }
      : undefined;
  };

  const addresses = [`${context}/login`, `${context}${AM_PAGE_FOLDER}/`];
  for (const address of addresses) {
    app.get(address, async (request, reply) => {
      return (
        toPublicName(request, reply, publicUrl, (host) => configuration.realmPathOfHost(host)) ?? answer(request, reply)
      );
    });
  }
  void app.register(async (forms) => {
    forms.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, bytes, done) => {
      try {
        done(null, parseFormBody(bytes as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    // Of any other kind it is not read.
    forms.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null, undefined);
    });
    for (const address of addresses) {
      forms.post<{ Body: Fields | undefined }>(address, async (request, reply) => {
        if (!origins.isOwnForm(request.headers)) {
          return refuse(reply, 403, 'Only a form of our own page is taken here.');
        }
        return request.body === undefined
          ? refuse(reply, 415, `A form of this page is sent as ${FORM}.`)
          : answer(request, reply, request.body);
      });
    }
  });
  app.get(`${context}/login/logo`, async ({ parameters, raw }, reply) => {
    const realm = configuration.realm(configuration.realmPathOf(realmOfQuery(parameters.realm) ?? '/'));
    nameRealm(raw, realm);
    const logo = realm && appearances.logoOf(realm);
    if (logo === undefined) return reply.callNotFound();
    const isKnown = parameters.v === logo.version;
    return reply
      .headers(COMMON_HEADERS)
      .headers({
        'cache-control': isKnown ? 'public, max-age=31536000, immutable' : 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      })
      .type(logo.type)
      .send(logo.bytes);
  });
};

const refuse = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply.code(status).headers(JSON_HEADERS).type('application/json; charset=utf-8').send(errorBody(status, message));
