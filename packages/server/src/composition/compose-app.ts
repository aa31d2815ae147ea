import type { Journeys } from '@assent/engine/host';
import type { LoginView } from '@assent/wire';
import { RequestPace } from '../bounds/request-pace.ts';
import { UnsentAnswers } from '../bounds/unsent-answers.ts';
import { createApp } from '../http/app.ts';
import { JsonApi } from '../http/json-api.ts';
import { OriginRules } from '../http/origin-rules.ts';
import { PublicHost } from '../http/public-host.ts';
import { TrustedProxies } from '../http/trusted-proxies.ts';
import { openLoginView, openOAuthView } from '../pages/built-views.ts';
import { addLoginPageRoutes } from '../pages/login-page.ts';
import { OAuthPages } from '../pages/oauth-pages.ts';
import { addPageRoutes } from '../pages/pages.ts';
import { addPhonePageRoutes } from '../pages/phone-page.ts';
import { RealmAppearances } from '../pages/realm-appearances.ts';
import { addRootPageRoute } from '../pages/root-page.ts';
import { QrThread } from '../platform/qr-thread.ts';
import { after, elapsed } from '../platform/system-ports.ts';
import { addOAuth2Routes } from '../routes/oauth2/oauth2.ts';
import { addHealthRoutes } from '../routes/server/health.ts';
import { addMetricsRoute } from '../routes/server/metrics.ts';
import { addPasskeyFileRoutes, PASSKEY_FILES } from '../routes/server/passkey-files.ts';
import { addSecurityTxtRoute, SECURITY_TXT } from '../routes/server/security-txt.ts';
import type { Api } from './compose-api.ts';
import type { Foundation } from './compose-foundation.ts';
import { composeProvider } from './compose-provider.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface AppParts {
  readonly foundation: Foundation;
  readonly api: Api;
  readonly journeys: Journeys;
  /** Where the pages were built to. */
  readonly webRoot: string;
  readonly hasPhone: boolean;
  readonly applicationServerKey: string;
  /** Of the built pages where absent. */
  readonly loginView: LoginView | undefined;
  readonly telemetry: Telemetry;
}

/** The HTTP server with the API, and the pages beside it. */
export const composeApp = async (parts: AppParts) => {
  const { foundation, api, journeys, webRoot, hasPhone, applicationServerKey, loginView: given, telemetry } = parts;
  const { settings, live, configuration, log, clients, cookies } = foundation;
  const { routes, signer, steps, waits, sessions } = api;
  const { publicUrl, contextPath: context } = settings;
  const origins = new OriginRules(publicUrl, () => live.current.corsOrigins, clients);
  const ownHost = new PublicHost(settings, (host) => configuration.realmPathOfHost(host) !== undefined);
  const proxies = new TrustedProxies(() => live.current.trustedProxies);
  const pace = new RequestPace({ elapsed, nextRound: setImmediate, timer: after });
  const jsonApi = new JsonApi({ settings, configuration, routes, origins, ownHost, proxies, pace, log });
  const { health, exposition, metricsToken: token } = telemetry;
  const observer = telemetry.http((request) => proxies.haveSent(request));
  const unsent = new UnsentAnswers({ after, elapsed });
  const app = createApp({ settings, api: jsonApi, ownHost, proxies, health, observer, unsent, pace, log });
  const pageRoutes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    // What is at the root of the host is of no context path.
    const isAtRoot = url === SECURITY_TXT || PASSKEY_FILES.includes(url) || (url === '/' && context !== '');
    if (url.endsWith('*') || isAtRoot) return;
    for (const name of [method].flat()) pageRoutes.push(`${name} ${url.slice(context.length)}`);
  });
  addHealthRoutes(app, context, health);
  const { securityTxt } = foundation;
  if (securityTxt !== undefined) {
    addSecurityTxtRoute(app, { current: securityTxt.current, now: () => foundation.clock.now() });
  }
  addPasskeyFileRoutes(app, { configuration, publicUrl });
  if (token !== undefined) addMetricsRoute(app, context, { token, exposition });
  const appearances = new RealmAppearances();
  const oauthView = await openOAuthView(webRoot);
  const provider = await composeProvider({ foundation, sessions, origins });
  const oauth2 = addOAuth2Routes(app, {
    publicUrl,
    contextPath: context,
    configuration,
    origins,
    cookies,
    pace,
    log,
    endpoints: provider.endpoints,
    pages: oauthView && new OAuthPages({ view: oauthView, publicUrl, appearances }),
  });
  const pages = addPageRoutes(app, context, webRoot, publicUrl);
  addRootPageRoute(app, { context, pages: pages.names, hasPhone });
  const qrThread = new QrThread(webRoot);
  const loginView = given ?? (await openLoginView(webRoot));
  if (loginView !== undefined) {
    addLoginPageRoutes(app, {
      view: loginView,
      context,
      publicUrl,
      routes,
      configuration,
      pace,
      appearances,
      hasPhone,
      log,
      origins,
      steps,
      renderQr: (text) => qrThread.render(text),
      held: { journeys, signer, waits },
    });
  }
  addPhonePageRoutes(app, {
    context,
    webRoot,
    publicUrl,
    applicationServerKey,
  });
  await app.ready();
  return {
    app,
    provider,
    pages,
    qrThread,
    /** All that the server answers to, as `METHOD path`. */
    routes: [
      ...routes.keys.map((key) => key.replace(' ', ' /json/')),
      ...oauth2.keys.map((key) => key.replace(' ', ' /oauth2/')),
      ...pageRoutes,
    ],
  };
};
