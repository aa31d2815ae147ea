import { randomBytes } from 'node:crypto';
import { JourneyError, type JourneyRequest, type Session } from '@assent/engine';
import type {
  JourneyAnswer,
  JourneyParameters,
  JourneyReference,
  Journeys,
  RememberedBrowser,
  SubmittedCallback,
} from '@assent/engine/host';
import { type AuthenticateBody, formatSuccess, parseAuthenticateBody, writeStep } from '@assent/wire';
import type { AuthIdSigner } from '../../authentication/auth-id-signer.ts';
import { isOwnPage, journeyRequest, tokenOf } from '../../authentication/caller.ts';
import type { KnownBrowsers } from '../../authentication/known-browsers.ts';
import type { LiveSessions } from '../../authentication/live-sessions.ts';
import { bindingHash, isFromOwnSite, presentedAuthId } from '../../authentication/presented-auth-id.ts';
import { type Answer, type Call, fetchSiteOf, type Handler, header, ok, type Routes } from '../../http/call.ts';
import type { Cookies } from '../../http/cookies.ts';
import type { PageContext, PageContexts } from '../../pages/page-context.ts';
import { credentialsOf, type HeaderSignInOptions, headerSignIn } from './header-sign-in.ts';
import { requestedStart, type StartOfTree } from './requested-start.ts';

export interface AuthenticateRoutesOptions extends HeaderSignInOptions {
  readonly journeys: Journeys;
  readonly signer: AuthIdSigner;
  readonly cookies: Cookies;
  readonly browsers: KnownBrowsers;
  readonly sessions: LiveSessions;
  readonly pages: PageContexts;
}

const API_VERSION: Answer['headers'] = Object.freeze({ 'content-api-version': 'resource=2.1' });

const NO_COOKIES: readonly string[] = [];

const headersWith = (setCookies: readonly string[]): Answer['headers'] =>
  setCookies.length === 0 ? API_VERSION : { 'set-cookie': setCookies, ...API_VERSION };

/** Every browser says at least one of both of such a call (Fetch standard, "append a request `Origin` header"). */
const isBrowser = ({ request }: Call): boolean =>
  header(request, 'origin') !== undefined || header(request, 'sec-fetch-site') !== undefined;

/** A browser opens our page, wherever the link to it stands: from here on it is our own site that calls. */
const isPreview = ({ request, renderMode }: Call): boolean =>
  renderMode === 'preview' && header(request, 'sec-fetch-dest') === 'document';

type ReadableBody = Exclude<AuthenticateBody, { readonly kind: 'unreadable' }>;

const POLL = 'PollingWaitCallback';

/** In characters. The script of the page asks for a larger step: to render one costs ten times as much as to send it (SEC-93). */
const MAX_RENDERED = 64 * 1_024;

const isTooLargeToRender = (answer: JourneyAnswer): boolean =>
  answer.kind === 'step' && writeStep(answer.callbacks, answer.presentation).callbacks.length > MAX_RENDERED;

const flag = (value: string | undefined): boolean => value === 'true';

const parametersOf = ({ query }: Call): JourneyParameters => ({
  ...(query.goto !== undefined && { goto: query.goto }),
  ...(query.gotoOnFail !== undefined && { gotoOnFail: query.gotoOnFail }),
  ...(query.locale !== undefined && { locale: query.locale }),
  ...(flag(query.noSession) && { noSession: true }),
  ...(flag(query.ForceAuth) && { forceAuth: true }),
});

/** Whether both name one step of one journey, and carry the same; then the text of one authId serves for both. */
const isSameReference = (one: JourneyReference, other: JourneyReference): boolean =>
  one.nonce === other.nonce && one.start === other.start && one.innerVersions === other.innerVersions;

/** `POST authenticate`: starts a journey or moves it on (spec: journeys-rest §1). */
export const authenticateRoutes = (options: AuthenticateRoutesOptions): Routes => {
  const { journeys, signer, cookies, browsers, sessions, pages } = options;
  const signInByHeaders = headerSignIn(options);

  /** The hash to bind a journey to for the browser that calls, and the cookie that it needs for that. */
  const bindingOf = (
    call: Call,
  ): { readonly bound: { readonly binding?: string }; readonly fresh: readonly string[] } => {
    const known = cookies.read(call.request.headers.cookie, cookies.bindingName);
    const binding =
      isFromOwnSite(call) || isPreview(call) ? (known ?? randomBytes(16).toString('base64url')) : undefined;
    if (binding === undefined) return { bound: {}, fresh: [] };
    return { bound: { binding: bindingHash(binding) }, fresh: known === undefined ? [cookies.binding(binding)] : [] };
  };

  /** Our own page is told why a journey failed. */
  const explaining = (
    call: Call,
    { locales }: JourneyRequest,
    answer: Promise<JourneyAnswer>,
  ): Promise<JourneyAnswer> =>
    isOwnPage(call)
      ? answer.catch(async (error: unknown) => {
          throw await pages.explained(error, locales);
        })
      : answer;

  const start = async (
    call: Call,
    session: Session | undefined,
    { tree, authLevel }: Omit<StartOfTree, 'kind'>,
  ): Promise<Answer | undefined> => {
    const request = journeyRequest(call, session, browsers);
    const parameters = parametersOf(call);
    const { bound, fresh } = bindingOf(call);
    const begin = {
      realm: call.realmPath,
      ...(tree !== undefined && { tree }),
      ...(authLevel !== undefined && { authLevel }),
      ...bound,
      parameters,
      request,
    };
    // A page asks for name and password itself; looking at one tries none.
    if (call.renderMode === 'preview') {
      const preview = await journeys.preview(begin);
      return preview === undefined || isTooLargeToRender(preview) ? undefined : answerOf(call, preview, session, fresh);
    }
    const credentials = call.renderMode === undefined ? credentialsOf(call) : undefined;
    const started = credentials === undefined ? journeys.start(begin) : signInByHeaders(begin, credentials);
    const answer = await explaining(call, request, started);
    return answerOf(call, answer, session, fresh);
  };

  /** Somebody followed the link of a suspended journey: that, and no other parameter, says which (spec: §1.12). */
  const resume = async (call: Call, suspendedId: string, session: Session | undefined): Promise<Answer> => {
    const { bound, fresh } = bindingOf(call);
    const request = journeyRequest(call, session, browsers);
    const noSession = flag(call.query.noSession);
    const resumed = journeys.resume({ realm: call.realmPath, suspendedId, noSession, ...bound, request });
    const answer = await explaining(call, request, resumed);
    return answerOf(call, answer, session, fresh);
  };

  /** Somebody begins the journey that another one has asked for: the id says which (ADR 0017). */
  const startBackChannel = async (call: Call, session: Session | undefined, id: string): Promise<Answer> => {
    const { bound, fresh } = bindingOf(call);
    const answer = await journeys.startBackChannel({
      realm: call.realmPath,
      id,
      ...bound,
      parameters: parametersOf(call),
      request: journeyRequest(call, session, browsers),
    });
    return answerOf(call, answer, session, fresh);
  };

  const proceed = async (
    call: Call,
    authId: string,
    callbacks: readonly SubmittedCallback[] | undefined,
    session: Session | undefined,
  ): Promise<Answer> => {
    const presented = presentedAuthId(call, authId, { signer, cookies });
    const reference = presented instanceof Promise ? await presented : presented;
    const request = journeyRequest(call, session, browsers, call.query.locale ?? reference.start?.locale);
    const waited = isOwnPage(call) && callbacks?.some(({ type }) => type === POLL) === true;
    const awaited = waited ? await pages.awaitedAt(reference) : undefined;
    let answer: JourneyAnswer;
    try {
      answer = await journeys.continue({
        realm: call.realmPath,
        reference,
        ...(callbacks !== undefined && { callbacks }),
        noSession: flag(call.query.noSession),
        request,
      });
    } catch (error) {
      throw isOwnPage(call) ? await pages.explained(error, request.locales, awaited) : error;
    }
    // The step that was shown already has an authId, the one that came in.
    const isSame = answer.kind === 'step' && isSameReference(answer.reference, reference);
    return answerOf(call, answer, session, [], isSame ? authId : undefined);
  };

  const answerOf = (
    call: Call,
    answer: JourneyAnswer,
    presented: Session | undefined,
    fresh: readonly string[],
    known?: string,
  ): Answer | Promise<Answer> => {
    const ofNodes = answer.cookies?.map((cookie) => cookies.ofJourney(cookie)) ?? NO_COOKIES;
    if (answer.kind === 'success') return successOf(call, answer, presented, ofNodes);
    const { reference, callbacks, presentation } = answer;
    const step = writeStep(callbacks, presentation);
    const authId = known ?? signer.sign(reference);
    const headers = headersWith([...fresh, ...ofNodes]);
    if (!isOwnPage(call)) return ok(step.answer(authId), headers);
    const { forPages } = step;
    const stepWith = (context?: PageContext) =>
      ok(step.answer(authId, forPages && context ? { ...context, ...forPages } : (context ?? forPages)), headers);
    return callbacks.some(({ type }) => type === POLL) ? pages.ofStep(reference).then(stepWith) : stepWith();
  };

  /** A browser of which the journey says so is known from then on: guesses of others do not lock it out. */
  const knownAfter = (call: Call, remembered: RememberedBrowser | undefined): readonly string[] => {
    const cookie = remembered && browsers.cookieFor(call.request.headers.cookie, remembered);
    return cookie === undefined ? NO_COOKIES : [cookie];
  };

  const successOf = (
    call: Call,
    answer: JourneyAnswer & { readonly kind: 'success' },
    presented: Session | undefined,
    ofNodes: readonly string[],
  ): Answer => {
    const { realm, successUrl, created } = answer;
    const token = created?.token;
    // Native clients read the token from the body, whatever they hold already, and store what they find there. A page of ours,
    // and a browser that holds a session, have the cookie (design.md §3.3 "`tokenId` in the body").
    const isHidden = realm.hideTokenInBody || isOwnPage(call) || (presented !== undefined && isBrowser(call));
    const told = token ?? (answer.existing && tokenOf(call.request, cookies));
    const body = formatSuccess(told && isHidden ? '' : told, successUrl, realm.realm, answer.details);
    const isForOtherSites = call.isFromListedOrigin && fetchSiteOf(call.request.headers) === 'cross-site';
    if (created === undefined || token === undefined) return ok(body, headersWith(ofNodes));
    const session = cookies.session(token, { isForOtherSites });
    return ok(body, headersWith([session, ...knownAfter(call, answer.remembered), ...ofNodes]));
  };

  const answerTo = (call: Call, body: ReadableBody, session: Session | undefined): Promise<Answer | undefined> => {
    const own = session?.realm === call.realmPath ? session : undefined;
    if (body.kind === 'continue') return proceed(call, body.authId, body.callbacks, own);
    const { suspendedId } = call.query;
    const isResumed = suspendedId !== undefined && suspendedId !== '';
    // Both of these are written at once: not for somebody who only looks, such as a reader of mail that follows its links.
    if (isResumed) return call.renderMode === 'preview' ? Promise.resolve(undefined) : resume(call, suspendedId, own);
    const asked = requestedStart(call);
    if (asked.kind === 'tree') return start(call, own, asked);
    return call.renderMode === 'preview' ? Promise.resolve(undefined) : startBackChannel(call, own, asked.id);
  };

  const authenticate: Handler = (call) => {
    const body = parseAuthenticateBody(call.body);
    if (body.kind === 'unreadable') throw new JourneyError('REQUEST_INVALID', { reason: body.reason });
    const token = tokenOf(call.request, cookies);
    // Whoever signs in has no session as a rule, and nothing to wait for.
    if (token === undefined) return answerTo(call, body, undefined);
    // A page that is only looked at changes nothing, the idle time of a session included (design.md §3.3).
    return sessions
      .find(token, { peek: call.renderMode === 'preview' })
      .then((session) => answerTo(call, body, session));
  };

  return { 'POST authenticate': authenticate };
};
