import { hash } from 'node:crypto';
import { type ServiceDocument, sprayWatch } from '@assent/engine/host';
import { authenticatorTrusts, PasskeyThread } from '@assent/factors';
import { guardedRequests, withMoments } from '@assent/push';
import { Sandbox } from '@assent/scripting';
import { createPasswordHasher, type Store } from '@assent/store';
import { secretDigester } from '../clients/client-secret.ts';
import { RealmClients } from '../clients/realm-clients.ts';
import { Cookies } from '../http/cookies.ts';
import { catalogueWith } from '../journeys/custom-nodes.ts';
import { JourneyFigures } from '../journeys/journey-metrics.ts';
import { logTreeFindingsAtStart, realmsUnderCheck, treeFindings } from '../journeys/tree-findings.ts';
import { withAccountNotices } from '../mail/account-notices.ts';
import { withSecurityAlerts } from '../mail/security-alerts.ts';
import { smtpMailer } from '../mail/smtp-mailer.ts';
import type { Logger } from '../platform/log.ts';
import { outboundGuard } from '../platform/outbound-guard.ts';
import { placeholderValues } from '../platform/placeholder-values.ts';
import { usableProcessors } from '../platform/processors.ts';
import { sealAlarm } from '../platform/seal-alarm.ts';
import { after, elapsed, systemClock, systemRandom } from '../platform/system-ports.ts';
import { LiveConfiguration } from '../realms/live-configuration.ts';
import { withRealmsInForce } from '../realms/realms-in-force.ts';
import { serviceInForce } from '../routes/configuration/service-in-force.ts';
import type { heldSecurityTxt } from '../routes/server/security-txt.ts';
import { LiveSettings } from '../settings/live-settings.ts';
import { observedHasher } from '../telemetry/password-observer.ts';
import type { ComposeOptions } from './compose-options.ts';
import type { Telemetry } from './compose-telemetry.ts';
import { composeUsers } from './compose-users.ts';
import { type Seeded, seed } from './seed.ts';

/** What a start must not forget when it has to begin again: a password that was made is kept nowhere else (SEC-77). */
export interface ThisStart {
  /** Of this start: the name may be given to two by a slip. */
  readonly processId: string;
  /** What the operator calls it; a name of this start alone where nothing was given. */
  readonly instance: string;
  /** Absent where the host has none of ours. */
  readonly securityTxt?: ReturnType<typeof heldSecurityTxt>;
  seeded?: Seeded;
}

export interface FoundationParts {
  readonly start: ThisStart;
  readonly telemetry: Telemetry;
}

/** What everything else stands on: the seeded store, the configuration in force, the catalogue of nodes, mail, and who commits. */
export const composeFoundation = async (
  store: Store,
  options: ComposeOptions & { readonly log: Logger },
  { start, telemetry }: FoundationParts,
) => {
  const { settings, clock = store.clock ?? systemClock, random = systemRandom, hasher: given } = options;
  const places = settings.hashConcurrency ?? usableProcessors();
  const hasher = observedHasher(given ?? createPasswordHasher({ concurrency: places }), telemetry.measures, {
    elapsed,
    places,
  });
  const { log } = options;
  const { processId, instance } = start;
  store.watchSeals(sealAlarm({ committer: store.committer, clock, log }));
  start.seeded ??= await seed(store, hasher, settings, { clock, random });
  const { seeded } = start;

  const environment = options.environment ?? process.env;
  const placeholderValue = placeholderValues(environment, settings);
  const inForce = (stored: ServiceDocument): ServiceDocument => {
    const { document, missing, refused } = serviceInForce(stored, placeholderValue);
    const { realm, type: service } = stored;
    for (const [setting, reason] of refused) {
      log.error({ realm, service, setting, reason }, 'A service may not use a secret that it names.');
    }
    if (missing.length > 0) {
      log.error({ realm, service, missing }, 'Secrets of a service name values that this server does not have.');
    }
    return document;
  };
  const configuration = await LiveConfiguration.open(store.configuration, { clock, inForce });
  const catalogue = catalogueWith(options.nodes ?? []);
  for (const realm of realmsUnderCheck(await store.configuration.load())) {
    const reading = { catalogue, placeholderValue: placeholderValue(realm.realm.realm) };
    logTreeFindingsAtStart(log, realm, treeFindings(realm, reading));
  }

  const guard = outboundGuard(settings);
  const requests = guardedRequests({ guard, allowsLoopback: settings.insecure });
  // No thread is started before the first passkey.
  const passkeyLibrary = new PasskeyThread({ timer: after });
  const users = composeUsers({ store, configuration, hasher, clock, random, log, guard, telemetry });
  return {
    settings,
    /** What of them may change while the server runs. */
    live: new LiveSettings(settings),
    instance,
    processId,
    log,
    clock,
    random,
    hasher,
    ...users,
    store,
    seeded,
    configuration,
    placeholderValue,
    securityTxt: start.securityTxt,
    catalogue,
    guard,
    mailer: telemetry.mail.over(smtpMailer({ guard })),
    // Whatever is committed about an account is looked at for a notice to its user, and for an alert to who looks after its realm.
    committer: withMoments(
      withAccountNotices(
        users.directoryWrites.over(
          withSecurityAlerts(withRealmsInForce(store.committer), { configuration, identities: users.identities }),
        ),
        { configuration, identities: users.identities },
      ),
      { instance, clock },
    ),
    cookies: new Cookies(settings),
    clients: new RealmClients(configuration, settings.publicUrl, { catalogue, placeholderValue }),
    digestOfSecret: await secretDigester(store.secrets),
    figures: new JourneyFigures(),
    // No thread is started before the first script comes.
    sandbox: new Sandbox({ workers: Math.min(4, usableProcessors()) }),
    passkeyLibrary,
    authenticatorTrusts: authenticatorTrusts({
      files: { metadata: settings.authenticatorMetadataFiles, revocationLists: settings.revocationListFiles },
      configuration,
      rows: store.authenticatorMetadata,
      committer: store.committer,
      requests,
      library: passkeyLibrary,
      clock,
      timer: after,
      log: { warn: (message, fields) => log.warn(fields, message) },
    }),
    requests,
    spray: sprayWatch(clock),
    digest: (text: string): string => hash('sha256', text, 'base64url'),
  };
};

export type Foundation = Awaited<ReturnType<typeof composeFoundation>>;
