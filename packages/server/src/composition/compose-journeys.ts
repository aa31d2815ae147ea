import { join } from 'node:path';
import { backChannels as backChannelsPort } from '@assent/engine';
import { backChannelsAdapter, type JourneyObserver, Journeys, sourceOf } from '@assent/engine/host';
import { type FactorDependencies, secondFactorsAdapter } from '@assent/factors';
import {
  cookieKey as cookieKeyPort,
  journeyMetrics as journeyMetricsPort,
  keyFiles as keyFilesPort,
  scripts as scriptsPort,
  templateMailer as templateMailerPort,
} from '@assent/nodes';
import type { DeviceChange, MessageChange } from '@assent/push';
import { scriptsAdapter } from '@assent/scripting';
import { newSessionToken } from '../authentication/session-tokens.ts';
import type { WorkTurns } from '../bounds/work-turns.ts';
import { backChannelLinks } from '../journeys/back-channel-links.ts';
import { beginningsBySource } from '../journeys/beginnings.ts';
import { textCatalogue } from '../journeys/custom-texts.ts';
import { evenTimes } from '../journeys/even-times.ts';
import { nodePorts } from '../journeys/node-ports.ts';
import { submitCodes } from '../journeys/submit-codes.ts';
import { realmMailAdapter } from '../mail/realm-mail.ts';
import { dataDirectoryKeys } from '../platform/key-files.ts';
import { journeyLog } from '../platform/log.ts';
import { carriedCodeKeys } from '../platform/recovery-code-pepper.ts';
import { isAllowedRedirect } from '../realms/redirects.ts';
import { resumeLink } from '../realms/resume-link.ts';
import type { Foundation } from './compose-foundation.ts';
import type { ComposedPush } from './compose-push.ts';

/** The engine with every port that a node may use, each bound to its implementation. */
export const composeJourneys = async (
  foundation: Foundation,
  push: ComposedPush,
  observer: JourneyObserver,
  walkTurns: Pick<WorkTurns, 'next'>,
): Promise<Journeys> => {
  const { settings, store, configuration, catalogue, placeholderValue, committer, clock, random, log, digest } =
    foundation;
  const { identities, keeper, hasher, mailer, figures, sandbox, passkeyLibrary, cookies, spray, requests } = foundation;
  const { authenticatorTrusts } = foundation;
  const { publicUrl } = settings;
  const cookieKeys = await store.keys.ring('persistent-cookie');
  const factors: FactorDependencies = {
    ...push,
    devices: store.devices,
    oathDevices: store.oathDevices,
    passkeys: store.passkeys,
    boundDevices: store.boundDevices,
    carriedCodeKey: carriedCodeKeys(store.secrets),
  };
  const factorsOf = secondFactorsAdapter(factors);
  const submitCodeKeys = await store.keys.ring('submit-code');
  return new Journeys({
    configuration,
    catalogue,
    bindings: nodePorts({
      store,
      push,
      factors,
      passkeyLibrary,
      authenticatorTrusts,
      keeper,
      hasher,
      mailer,
      digest,
      spray,
      requests,
    })
      .bind(scriptsPort, scriptsAdapter({ configuration, sandbox, random }))
      .bind(cookieKeyPort, () => cookieKeys)
      .bind(keyFilesPort, () => dataDirectoryKeys(settings.dataDir))
      .bind(journeyMetricsPort, figures.bind)
      .bind(templateMailerPort, realmMailAdapter({ configuration, clock, random, log }))
      .bind(
        backChannelsPort,
        backChannelsAdapter({
          reader: store.backChannels,
          configuration,
          clock,
          random,
          digest,
          links: backChannelLinks(publicUrl),
        }),
      ),
    placeholderValue,
    committer,
    journeySessions: store.journeySessions,
    backChannels: store.backChannels,
    identities,
    clock,
    random,
    texts: textCatalogue(join(settings.dataDir, 'texts'), catalogue),
    log: journeyLog(log),
    observer,
    knownPlaces: {
      throttles: store.throttles,
      hasSecondFactor: (unit, userId) => factorsOf(unit).any(userId),
    },
    beginnings: beginningsBySource(clock),
    evenTimes,
    walkTurns: ({ realm, caller }) => walkTurns.next({ realm, caller: sourceOf(caller) }),
    newToken: newSessionToken,
    digest,
    isAllowedRedirect: (url, realm) => isAllowedRedirect(url, realm, publicUrl),
    submitCode: submitCodes(submitCodeKeys),
    resumeLink: (journey) =>
      resumeLink(configuration.realm(journey.realm)?.externalLoginPageUrl || `${publicUrl}/login`, journey),
    isReservedCookie: (name) => cookies.isReserved(name),
    changesAtEnd: (journeyId) => [
      { type: 'push.closeJourney', journeyId, reason: 'ended' } satisfies MessageChange,
      { type: 'device.discard', journeyId } satisfies DeviceChange,
    ],
  });
};
