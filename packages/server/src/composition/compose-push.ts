import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random } from '@assent/engine';
import { type Committer, type IdentityDirectory, knownSources } from '@assent/engine/host';
import { anyFactorOf } from '@assent/factors';
import {
  APNS_SERVICE,
  apnsTransport,
  FCM_SERVICE,
  fcmTransport,
  type GuardedRequests,
  type HintBus,
  newVapidSecret,
  OF_PUSH_SERVICES,
  ProviderCalls,
  PUSH_SERVICE,
  PUSH_SERVICE_HOSTS,
  type PushDependencies,
  type PushDispatcher,
  type PushObserver,
  pushDispatcher,
  type RealmAlarm,
  realmTransports,
  relayTransport,
  snsTransport,
  vapidKeys,
  webPushTransport,
} from '@assent/push';
import type { Store } from '@assent/store';
import type { Logger } from '../platform/log.ts';
import { recoveryCodePepper } from '../platform/recovery-code-pepper.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import type { Settings } from '../settings/settings.ts';
import type { Telemetry } from './compose-telemetry.ts';

/** Some phones refuse codes and messages without a cookie to stick to a server; ours are all alike. */
const LOAD_BALANCER_COOKIE = 'amlbcookie=01';

export interface ComposePushOptions {
  readonly settings: Settings;
  readonly instance: string;
  readonly store: Store;
  readonly committer: Committer;
  readonly identities: IdentityDirectory;
  readonly configuration: LiveConfiguration;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly requests: GuardedRequests;
  readonly telemetry: Pick<Telemetry, 'push' | 'dispatcher'>;
}

/** What push is made of, and what the phone page has to know of it. */
export interface ComposedPush extends PushDependencies {
  readonly dispatcher: PushDispatcher;
  /** By which messages and withdrawals go to providers. */
  readonly calls: ProviderCalls;
  readonly observer: PushObserver;
  /** Our public key for Web Push. */
  readonly applicationServerKey: string;
}

/** Everything that push stands on: transports by realm, the dispatcher. */
export const composePush = async (options: ComposePushOptions, hints: HintBus): Promise<ComposedPush> => {
  const { settings, instance, store, committer, configuration, clock, random, log, requests, telemetry } = options;
  const { push: observer } = telemetry;
  // Made at the first start and kept: browsers subscribe for this very key.
  const keys = vapidKeys(await store.secrets.getOrCreate('vapid-key', newVapidSecret));
  const tries = { clock, random, wait: (millis: number) => wait(millis) };
  const alarmOf =
    (realm: string, service: string): RealmAlarm =>
    ({ setting, cause }) =>
      log.error(
        { realm, service, ...(setting !== undefined && { setting }), cause },
        'A push provider refuses the realm, so that its phones are not rung. assent doctor says more.',
      );
  const transports = realmTransports({
    configuration,
    catchUp: (realm) => configuration.catchUpWithServices(realm),
    relay: relayTransport(hints),
    webpush: webPushTransport({
      hints,
      keys,
      contact: contactOf(settings.publicUrl),
      endpoints: { hosts: [...PUSH_SERVICE_HOSTS, ...settings.webPushHosts], allowsLoopback: settings.insecure },
      requests: requests.of(OF_PUSH_SERVICES),
      ...tries,
    }),
    sns: (service, realm) =>
      snsTransport({
        settings: service,
        ...tries,
        alarm: alarmOf(realm, PUSH_SERVICE),
        ...(settings.snsEndpoint !== undefined && { endpoint: settings.snsEndpoint }),
      }),
    fcm: (service, realm) =>
      fcmTransport({ settings: service, requests: requests.of(realm), ...tries, alarm: alarmOf(realm, FCM_SERVICE) }),
    apns: (service, realm) =>
      apnsTransport({ settings: service, requests: requests.of(realm), ...tries, alarm: alarmOf(realm, APNS_SERVICE) }),
  });
  const warnings = { warn: (msg: string, fields: Readonly<Record<string, unknown>>) => log.warn(fields, msg) };
  const calls = new ProviderCalls({ clock, observer, log: warnings });
  const dispatcher = pushDispatcher({
    later: setImmediate,
    instance,
    transports,
    calls,
    messages: store.messages,
    devices: store.devices,
    committer,
    hints,
    clock,
    observer,
    log: warnings,
    wait: (millis) => wait(millis, undefined, { ref: false }),
  });
  return {
    messages: store.messages,
    devices: store.devices,
    throttles: store.throttles,
    isKnownSource: knownSources(store.audit, clock, anyFactorOf(store)),
    identities: options.identities,
    configuration,
    transports,
    calls,
    dispatcher: telemetry.dispatcher(dispatcher),
    observer,
    instance,
    applicationServerKey: keys.publicKey,
    hints,
    clock,
    random,
    publicUrl: settings.publicUrl,
    loadBalancerCookie: LOAD_BALANCER_COOKIE,
    codePepper: await recoveryCodePepper(store),
  };
};

/** Whom a push service may turn to. A server that only this machine reaches has nobody to name. */
const contactOf = (publicUrl: string): string =>
  publicUrl.startsWith('https:') ? publicUrl : 'mailto:nobody@localhost.invalid';
