import { type Journeys, sourceOf } from '@assent/engine/host';
import type { LoginView } from '@assent/wire';
import { boundedResponses } from '../bounds/bounded-response.ts';
import { RequestPace } from '../bounds/request-pace.ts';
import { UnsentAnswers } from '../bounds/unsent-answers.ts';
import type { HttpRoutes } from '../http/http-call.ts';
import { createHttpServer } from '../http/http-server.ts';
import { JsonApi } from '../http/json-api.ts';
import { OriginRules } from '../http/origin-rules.ts';
import { PublicHost } from '../http/public-host.ts';
import { Router } from '../http/router.ts';
import { TrustedProxies } from '../http/trusted-proxies.ts';
import { openLoginView, openOAuthView } from '../pages/built-views.ts';
import { loginPageRoutes } from '../pages/login-page.ts';
import { OAuthPages } from '../pages/oauth-pages.ts';
import { builtPages } from '../pages/pages.ts';
import { phonePageRoutes } from '../pages/phone-page.ts';
import { RealmAppearances } from '../pages/realm-appearances.ts';
import { rootPageRoutes } from '../pages/root-page.ts';
import { QrThread } from '../platform/qr-thread.ts';
import { after, elapsed } from '../platform/system-ports.ts';
import { oauth2Mount } from '../routes/oauth2/oauth2.ts';
import { healthPageRoutes } from '../routes/server/health.ts';
import { metricsPageRoutes } from '../routes/server/metrics.ts';
import { passkeyFileRoutes } from '../routes/server/passkey-files.ts';
import { securityTxtRoutes } from '../routes/server/security-txt.ts';
import type { RoutedRequest } from '../telemetry/http-observer.ts';
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
  const appearances = new RealmAppearances();
  const oauthView = await openOAuthView(webRoot);
  const provider = await composeProvider({ foundation, sessions, origins });
  const oauth2 = oauth2Mount({
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
  const pages = builtPages(context, webRoot, publicUrl);
  const qrThread = new QrThread(webRoot, after);
  const loginView = given ?? (await openLoginView(webRoot));
  const pageRoutes: HttpRoutes = {
    ...healthPageRoutes(context, health),
    ...(token !== undefined && metricsPageRoutes(context, { token, exposition })),
    ...pages.routes,
    ...(loginView !== undefined &&
      loginPageRoutes({
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
        renderQr: (text, lane) => qrThread.render(text, lane),
        held: { journeys, signer, waits },
      })),
    ...phonePageRoutes({ context, webRoot, publicUrl, applicationServerKey }),
  };
  const { securityTxt } = foundation;
  const router = new Router({
    routes: {
      ...pageRoutes,
      // At the root of the host, also if there is a context path.
      ...rootPageRoutes({ context, pages: pages.names, hasPhone }),
      ...passkeyFileRoutes({ configuration, publicUrl }),
      ...(securityTxt && securityTxtRoutes({ current: securityTxt.current, now: () => foundation.clock.now() })),
    },
    mounts: [oauth2],
    contextPath: context,
    // Probes use any host name. `metrics` requires a token, which a page of another host could not send.
    anyHostPrefixes: [`${context}/health/`, `${context}/metrics`],
    ownHost,
    proxies,
    log,
  });
  const ServerResponse = boundedResponses(unsent, (request: RoutedRequest) => ({
    realm: request.realm ?? '',
    source: sourceOf(proxies.clientOf(request)),
  }));
  const app = createHttpServer({ api: jsonApi, router, health, observer, ServerResponse, pace });
  return {
    app,
    provider,
    pages,
    qrThread,
    /** All that the server answers to, as `METHOD path`. */
    routes: [
      ...routes.keys.map((key) => key.replace(' ', ' /json/')),
      ...oauth2.keys.map((key) => key.replace(' ', ' /oauth2/')),
      ...Object.keys(pageRoutes).map((key) => key.replace(` ${context}`, ' ')),
    ],
  };
};
