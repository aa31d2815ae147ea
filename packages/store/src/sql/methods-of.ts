import type {
  AuditReader,
  BackChannelReader,
  ErasureReader,
  JourneySessionReader,
  OutboxReader,
  ProposalReader,
  SessionReader,
} from '@assent/engine/host';
import type {
  AuthenticatorMetadataReader,
  BoundDeviceReader,
  OathDeviceReader,
  PasskeyReader,
  RecoveryCodeReader,
} from '@assent/factors';
import type { OAuthReaders } from '@assent/oidc';
import type { DeviceReader, MessageReader } from '@assent/push';
import { countedReads } from '../ports/counters.ts';
import type { CounterReader } from '../ports/counters-of-users.ts';
import type { Store, StoreCounters } from '../ports/store.ts';
import { after } from '../ports/timer.ts';
import { lookingThroughInTurns, type UserReader } from './people/look-through-turns.ts';
import type { createTopics } from './topics.ts';
import type { ReadVerbs, Verb } from './verbs/verb.ts';

/** Executes a verb, at once or after a while; a transaction that is overtaken begins it anew. */
export type Execute = <T>(begin: () => Verb<T>, name: string) => T | Promise<T>;

/** The methods that the verbs are written for. */
export const methodsOf = <R extends object>(verbs: ReadVerbs<R>, run: Execute): R =>
  Object.fromEntries(
    Object.entries(verbs as Record<string, (...given: readonly unknown[]) => Verb<unknown>>).map(([name, verb]) => [
      name,
      async (...given: readonly unknown[]) => run(() => verb(...given), name),
    ]),
  ) as R;

type Topics = ReturnType<typeof createTopics>;
type Readers = Topics['readers'];

/** All readers of a store, each call of which counts as one read. `run` is told which of them is asked. */
export const readersOf = (
  readers: Readers,
  counters: StoreCounters,
  run: (topic: keyof Readers) => Execute,
): Pick<Store, keyof Readers> => {
  const read = <R extends object>(topic: keyof Readers, verbs: ReadVerbs<R>): R =>
    countedReads(counters, methodsOf<R>(verbs, run(topic)));
  return {
    identities: countedReads(
      counters,
      lookingThroughInTurns(methodsOf<UserReader>(readers.identities, run('identities')), after),
    ),
    journeySessions: read<JourneySessionReader>('journeySessions', readers.journeySessions),
    sessions: read<SessionReader>('sessions', readers.sessions),
    backChannels: read<BackChannelReader>('backChannels', readers.backChannels),
    throttles: read<CounterReader>('throttles', readers.throttles),
    audit: read<AuditReader>('audit', readers.audit),
    devices: read<DeviceReader & RecoveryCodeReader>('devices', readers.devices),
    oathDevices: read<OathDeviceReader>('oathDevices', readers.oathDevices),
    passkeys: read<PasskeyReader>('passkeys', readers.passkeys),
    boundDevices: read<BoundDeviceReader>('boundDevices', readers.boundDevices),
    authenticatorMetadata: read<AuthenticatorMetadataReader>('authenticatorMetadata', readers.authenticatorMetadata),
    messages: read<MessageReader>('messages', readers.messages),
    grants: read<OAuthReaders['grants']>('grants', readers.grants),
    parkedRequests: read<OAuthReaders['parkedRequests']>('parkedRequests', readers.parkedRequests),
    replays: read<OAuthReaders['replays']>('replays', readers.replays),
    consents: read<OAuthReaders['consents']>('consents', readers.consents),
    signingKeys: read<OAuthReaders['signingKeys']>('signingKeys', readers.signingKeys),
    pendingApprovals: read<OAuthReaders['pendingApprovals']>('pendingApprovals', readers.pendingApprovals),
    outbox: read<OutboxReader>('outbox', readers.outbox),
    erasures: read<ErasureReader>('erasures', readers.erasures),
    proposals: read<ProposalReader>('proposals', readers.proposals),
  };
};
