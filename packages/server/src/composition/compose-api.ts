import type { Journeys } from '@assent/engine/host';
import { phoneEndpoint, pushResends, pushTraces, relay } from '@assent/push';
import { commonPasswords } from '@assent/store';
import { AuthIdSigner } from '../authentication/auth-id-signer.ts';
import { KnownBrowsers } from '../authentication/known-browsers.ts';
import { LiveSessions } from '../authentication/live-sessions.ts';
import { passwordCheck } from '../authentication/password-check.ts';
import { SealedSteps } from '../authentication/sealed-steps.ts';
import { WRITES_OF_USER } from '../authorization/administration.ts';
import { CallerCommits } from '../authorization/caller-commits.ts';
import { SharedUsers } from '../authorization/shared-users.ts';
import { HeldStreams } from '../bounds/held-places.ts';
import { RatePerKey } from '../bounds/rate-per-key.ts';
import { EXPORT_TURNS, USER_TURNS, WorkTurns } from '../bounds/work-turns.ts';
import { storedSigningKeys } from '../clients/stored-signing-keys.ts';
import { RouteTable } from '../http/route-table.ts';
import { PhoneWaits } from '../journeys/phone-waits.ts';
import type { KeyWatch } from '../keys/key-watch.ts';
import { pageContexts } from '../pages/page-context.ts';
import { StoreProbe } from '../platform/store-probe.ts';
import { after, elapsed, every } from '../platform/system-ports.ts';
import { AccessApprovals, APPROVALS_OF_SESSION } from '../policies/access-approvals.ts';
import { fourEyes } from '../proposals/four-eyes.ts';
import { ConfigurationWrites } from '../realms/configuration-writes.ts';
import { JSON_RESOURCES } from '../realms/realm-path.ts';
import { isAllowedRedirect } from '../realms/redirects.ts';
import { authenticateRoutes } from '../routes/authenticate/authenticate.ts';
import { resendRoutes } from '../routes/authenticate/resend.ts';
import { waitStreamRoutes } from '../routes/authenticate/wait-stream.ts';
import { absentConfigurationRoutes } from '../routes/configuration/absent-configuration.ts';
import { emailTemplatesRoutes } from '../routes/configuration/email-templates.ts';
import { oauthClientsRoutes } from '../routes/configuration/oauth-clients.ts';
import { oauthProviderRoutes } from '../routes/configuration/oauth-provider.ts';
import { realmAuthenticationRoutes } from '../routes/configuration/realm-authentication.ts';
import { realmsRoutes } from '../routes/configuration/realms.ts';
import { servicesRoutes } from '../routes/configuration/services.ts';
import { webhooksRoutes } from '../routes/configuration/webhooks.ts';
import { deviceProfilesRoutes } from '../routes/devices/device-profiles.ts';
import { devicesRoutes } from '../routes/devices/devices.ts';
import { policiesRoutes } from '../routes/policies/policies.ts';
import { proposalsRoutes } from '../routes/proposals/proposals.ts';
import { shownChange } from '../routes/proposals/shown-change.ts';
import { pushRoutes } from '../routes/push/push.ts';
import { pushTraceRoutes } from '../routes/push/push-trace.ts';
import { scriptsRoutes } from '../routes/scripts/scripts.ts';
import { healthRoutes } from '../routes/server/health.ts';
import { metricsRoutes } from '../routes/server/metrics.ts';
import { serverInfoRoutes } from '../routes/server/server-info.ts';
import { sessionsRoutes } from '../routes/sessions/sessions.ts';
import { nodesRoutes } from '../routes/trees/nodes.ts';
import { treesRoutes } from '../routes/trees/trees.ts';
import { activityRoutes } from '../routes/users/activity.ts';
import { applicationsRoutes } from '../routes/users/applications.ts';
import { usersRoutes } from '../routes/users/users.ts';
import type { Foundation } from './compose-foundation.ts';
import type { ComposedPush } from './compose-push.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface ApiOptions {
  readonly keyWatch: Pick<KeyWatch, 'lookForKeys'>;
  readonly foundation: Foundation;
  readonly push: ComposedPush;
  readonly journeys: Journeys;
  readonly hasPhone: boolean;
  readonly telemetry: Telemetry;
  readonly workTurns: WorkTurns;
}

/** Everything under `{am}/json`: who calls, what stands open for phones and pages, and the table of all routes. */
export const composeApi = async (options: ApiOptions) => {
  const { foundation, keyWatch, push, journeys, hasPhone, telemetry, workTurns } = options;
  const { settings, store, configuration, catalogue, placeholderValue, committer, clock, random, log, digest } =
    foundation;
  const { identities, keeper, revalidation, directoryWrites, hasher, figures, sandbox, cookies, clients } = foundation;
  const { digestOfSecret, spray, authenticatorTrusts } = foundation;
  const { publicUrl } = settings;
  const { devices, oathDevices } = store;
  const sessions = new LiveSessions({ sessions: store.sessions, configuration, committer, clock, revalidation });
  const authIdKeys = await store.keys.ring('auth-id');
  const signer = new AuthIdSigner(authIdKeys, () => keyWatch.lookForKeys());
  const steps = new SealedSteps(authIdKeys, () => keyWatch.lookForKeys());
  const browsers = new KnownBrowsers(await store.keys.ring('known-browser'), { cookies, clock, random });
  const streams = { wait: new HeldStreams(), relay: new HeldStreams() };
  configuration.whenRealmsEnd((paths) => {
    streams.wait.endOf(paths);
    streams.relay.endOf(paths);
  });
  const waits = new PhoneWaits({ watch: { ...push, after }, every, log, streams: streams.wait });
  const resends = pushResends({ ...push, committer });
  const commits = new CallerCommits({
    committer,
    writes: new ConfigurationWrites(configuration, committer, {
      mebibytesOfRealm: settings.realmConfigurationMebibytes,
    }),
    clock,
    log,
  });
  const callers = {
    sessions,
    cookies,
    identities,
    sharedUsers: new SharedUsers(configuration, placeholderValue),
    adminSecondFactor: settings.adminSecondFactor,
    clock,
    writeRate: new RatePerKey(WRITES_OF_USER, clock),
    workTurns,
    userTurns: new WorkTurns(after, USER_TURNS),
  };
  const administration = { ...callers, configuration, commits, clock };
  const secondAdministrator = fourEyes({
    configuration,
    catalogue,
    placeholderValue,
    commits,
    clock,
    random,
  });
  const journeyConfiguration = {
    ...administration,
    fourEyes: secondAdministrator,
    catalogue,
    placeholderValue,
    random,
    log,
  };
  const turns = new WorkTurns(after, EXPORT_TURNS);
  const exports = { store, keys: storedSigningKeys(store, clock), publicUrl, clock, turns };
  const probe = new StoreProbe({
    check: () => store.check(),
    elapsed,
    after,
    onChange: (isWell, cause) =>
      isWell
        ? log.info('The store can be used again: this server is ready.')
        : log.warn(
            { cause: cause },
            'The store could not be used for five seconds: this server is not ready until it can.',
          ),
  });
  const routes = new RouteTable(
    JSON_RESOURCES,
    healthRoutes(telemetry.health),
    authenticateRoutes({
      journeys,
      signer,
      cookies,
      browsers,
      sessions,
      configuration,
      identities,
      hasher,
      isAllowedRedirect: (url, realm) => isAllowedRedirect(url, realm, publicUrl),
      pages: pageContexts({ journeys, messages: push.messages, devices, resends, throttles: push.throttles, clock }),
    }),
    waitStreamRoutes({ journeys, signer, cookies, waits, random }),
    resendRoutes({ journeys, signer, cookies, resends, clock }),
    sessionsRoutes({ ...callers, factors: store, commits, clock, configuration }),
    usersRoutes({
      ...callers,
      factors: store,
      throttles: store.throttles,
      browsers,
      settings,
      devices,
      oathDevices,
      configuration,
      commits,
      hasher,
      commonPasswords,
      keeper,
      directoryWrites,
      exports,
      checkPassword: passwordCheck({
        keeper,
        throttles: store.throttles,
        isKnownSource: push.isKnownSource,
        clock,
        digest,
        spray,
        committer,
        log,
      }),
      clock,
      random,
    }),
    activityRoutes({ ...callers, audit: store.audit, clients, clock }),
    applicationsRoutes({ ...callers, grants: store.grants, consents: store.consents, clients, commits, clock }),
    deviceProfilesRoutes({ ...callers, commits, clock }),
    // Before those that take any name in the place of theirs.
    oauthClientsRoutes({ ...administration, clients, digestOfSecret, log }),
    oauthProviderRoutes({ ...administration, clients, catalogue, placeholderValue, log }),
    policiesRoutes({
      ...callers,
      approvals: new AccessApprovals({
        reader: store.backChannels,
        configuration,
        commits,
        rate: new RatePerKey(APPROVALS_OF_SESSION, clock),
        clock,
        random,
        digest,
      }),
    }),
    absentConfigurationRoutes(administration),
    servicesRoutes({
      ...administration,
      fourEyes: secondAdministrator,
      catalogue,
      placeholderValue,
      log,
      publicUrl,
      contextPath: settings.contextPath,
    }),
    realmsRoutes({ ...administration, publicUrl }),
    realmAuthenticationRoutes({ ...administration, log }),
    devicesRoutes({
      ...callers,
      devices,
      oathDevices,
      passkeys: store.passkeys,
      boundDevices: store.boundDevices,
      authenticatorTrusts,
      configuration,
      commits,
      clock,
      random,
      codePepper: push.codePepper,
    }),
    scriptsRoutes({ ...journeyConfiguration, sandbox }),
    treesRoutes(journeyConfiguration),
    nodesRoutes(journeyConfiguration),
    proposalsRoutes({ ...journeyConfiguration, proposals: store.proposals, shown: shownChange(journeyConfiguration) }),
    serverInfoRoutes({ publicUrl, cookies, hasPhone }),
    emailTemplatesRoutes({ ...administration, log }),
    webhooksRoutes(administration),
    metricsRoutes({
      ...callers,
      figures,
      exposition: telemetry.exposition,
      instance: foundation.instance,
      token: telemetry.metricsToken,
    }),
    pushTraceRoutes({
      ...callers,
      devices,
      traces: pushTraces({ messages: store.messages, audit: store.audit, clock }),
    }),
    pushRoutes({
      phones: phoneEndpoint({ ...push, committer }),
      relay: relay({ ...push, committer }),
      log,
      random,
      streams: streams.relay,
    }),
  );
  return { routes, probe, signer, steps, sessions, waits, streams };
};

export type Api = Awaited<ReturnType<typeof composeApi>>;
