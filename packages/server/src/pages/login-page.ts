import { randomBytes } from 'node:crypto';
import { JourneyError } from '@assent/engine';
import { type Journeys, type Lane, sourceOf } from '@assent/engine/host';
import { pushMessageId } from '@assent/nodes';
import type { HeldLogin, LoginView, QrCode, RealmAppearance } from '@assent/wire';
import type { AuthIdSigner } from '../authentication/auth-id-signer.ts';
import type { SealedSteps } from '../authentication/sealed-steps.ts';
import { pacedRequest, type RequestPace } from '../bounds/request-pace.ts';
import { bodyBytes } from '../http/body-bytes.ts';
import { header } from '../http/call.ts';
import { MAX_BODY_BYTES } from '../http/error-answer.ts';
import {
  type HttpAnswer,
  type HttpCall,
  type HttpHandler,
  type HttpRoutes,
  notFound,
  refusalAnswer,
} from '../http/http-call.ts';
import { preferredLocales } from '../http/locales.ts';
import type { OriginRules } from '../http/origin-rules.ts';
import { type Fields, FORM, isForm, parseFormBody } from '../http/parameters.ts';
import { COMMON_HEADERS, pageHeaders } from '../http/security-headers.ts';
import type { PhoneWaits } from '../journeys/phone-waits.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { realmOfQuery } from '../realms/realm-path.ts';
import { nameRealm } from '../telemetry/http-observer.ts';
import { pageAnswer, RENDERED_HEADERS } from './page-answer.ts';
import { type PageCallsOptions, pageCalls } from './page-calls.ts';
import { AM_PAGE_FOLDER, toPublicName } from './pages.ts';
import type { RealmAppearances } from './realm-appearances.ts';

export interface LoginPageOptions extends PageCallsOptions {
  readonly view: LoginView;
  /** Path of the public URL: `/am`, or empty. */
  readonly context: string;
  readonly configuration: Pick<LiveConfiguration, 'catchUpWith' | 'realm' | 'realmPathOf' | 'realmPathOfHost'>;
  readonly appearances: RealmAppearances;
  readonly hasPhone: boolean;
  readonly origins: OriginRules;
  readonly steps: SealedSteps;
  readonly renderQr: (text: string, lane: Lane) => Promise<QrCode>;
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
export const loginPageRoutes = (options: LoginPageOptions): HttpRoutes => {
  const { view, context, publicUrl, configuration, appearances, hasPhone, origins, steps, renderQr, log } = options;
  const { journeys, signer, waits } = options.held;
  /** A realm that is not there, or is switched off, looks as the root does: its name comes from the address, which anyone may have written. */
  const appearanceOf = (path: string): RealmAppearance => {
    const realm = configuration.realm(configuration.realmPathOf(path));
    if (realm !== undefined) return appearances.of(realm);
    const root = appearances.of(configuration.realm('/'));
    return { ...root, name: root.name ?? 'Assent' };
  };

  const answer = async (call: HttpCall, form?: Fields): Promise<HttpAnswer | undefined> => {
    const { request, response, transactionId, parameters, clientAddress } = call;
    const realmPath = configuration.realmPathOf(realmOfQuery(parameters.realm) ?? '/');
    await configuration.catchUpWith(realmPath, { tree: parameters.service });
    const realm = configuration.realm(realmPath);
    nameRealm(request, realm);
    await options.pace.next(() => pacedRequest(realm?.realm, clientAddress, request.headers));
    if (form?.step !== undefined) await steps.reading(form.step);
    const nonce = randomBytes(16).toString('base64');
    const calls = pageCalls(options, call, form === undefined ? 'preview' : 'form');
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
        renderQr(text, { realm: realm?.realm ?? '', caller: sourceOf(clientAddress) }).catch(
          (cause: unknown): QrCode => {
            log.error({ transactionId, cause: cause }, 'A setup code could not be rendered; it can be copied.');
            return 'too-long';
          },
        ),
    });
    if ('refusal' in rendered) return refusalAnswer(call, 400, rendered.refusal);
    const setCookies = [...calls.cookies, ...(rendered.cookies ?? [])];
    const headers = {
      ...RENDERED_HEADERS,
      ...pageHeaders(nonce, { keepsOpener: parameters.display === 'popup' }),
      'x-transaction-id': transactionId,
      ...(setCookies.length > 0 && { 'set-cookie': setCookies }),
    };
    const wait = rendered.held && (await placeToWait(rendered.held, clientAddress));
    if (rendered.held !== undefined && wait !== undefined) {
      const { closings } = rendered.held;
      waits.hold({
        ...wait,
        response,
        headers,
        transactionId,
        begin: rendered.html,
        comment: '<!-- still here -->',
        // Without a script a page has all ways in, and a button to send again: of a dead address it does not hear.
        last: (news) => `${news === undefined || news === 'unreachable' ? '' : closings[news]}${rendered.end}`,
      });
      return undefined;
    }
    return pageAnswer(call, rendered.status, { html: rendered.html + rendered.end, headers });
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

  const shown: HttpHandler = (call) =>
    toPublicName(call, publicUrl, (host) => configuration.realmPathOfHost(host)) ?? answer(call);

  const sent: HttpHandler = async (call) => {
    const { request, headers } = call;
    if (!origins.isOwnForm(headers)) return refusalAnswer(call, 403, 'Only a form of our own page is taken here.');
    if (!isForm(headers)) return refusalAnswer(call, 415, `A form of this page is sent as ${FORM}.`);
    return answer(call, parseFormBody(await bodyBytes(request, MAX_BODY_BYTES)));
  };

  const logo: HttpHandler = (call) => {
    const { request, parameters } = call;
    const realm = configuration.realm(configuration.realmPathOf(realmOfQuery(parameters.realm) ?? '/'));
    nameRealm(request, realm);
    const image = realm && appearances.logoOf(realm);
    if (image === undefined) return notFound(call);
    const isKnown = parameters.v === image.version;
    const headers = {
      ...COMMON_HEADERS,
      'cache-control': isKnown ? 'public, max-age=31536000, immutable' : 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'content-type': image.type,
    };
    return { status: 200, headers, body: image.bytes };
  };

  return {
    [`GET ${context}/login`]: shown,
    [`GET ${context}${AM_PAGE_FOLDER}/`]: shown,
    [`POST ${context}/login`]: sent,
    [`POST ${context}${AM_PAGE_FOLDER}/`]: sent,
    [`GET ${context}/login/logo`]: logo,
  };
};
