import type { Clock } from '@assent/engine';
import type { AuditEvent, EngineChange } from '@assent/engine/host';

import type { Call } from '../http/call.ts';
import type { ConfigurationActor } from '../realms/configuration-actor.ts';
import type { Caller } from './administration.ts';

/** The realm that an event is about and the call that it came with. */
type Place = Pick<Call, 'realmPath' | 'transactionId'>;

/** What a call adds to the audit trail: the change for a commit, with the realm and the transaction id of the call. */
export const auditOfCall = (place: Place, event: Omit<AuditEvent, 'realm' | 'transactionId'>): EngineChange => ({
  type: 'audit.append',
  event: eventOfCall(place, event),
});

/** Whoever administers, as changes of the configuration name them. */
export const actorOfCall = (
  { clock }: { readonly clock: Clock },
  { transactionId }: Pick<Call, 'transactionId'>,
  { session }: Pick<Caller, 'session'>,
): ConfigurationActor => ({ at: clock.now(), transactionId, userId: session.userId });

/** What somebody who administers has changed of the configuration, for `ConfigurationWrites`. */
export const configurationEvent = (
  { clock }: { readonly clock: Clock },
  place: Place,
  { session }: Pick<Caller, 'session'>,
  change: Pick<AuditEvent, 'event' | 'outcome' | 'detail'>,
): AuditEvent => eventOfCall(place, { at: clock.now(), userId: session.userId, ...change });

const eventOfCall = (
  { realmPath, transactionId }: Place,
  event: Omit<AuditEvent, 'realm' | 'transactionId'>,
): AuditEvent => ({ realm: realmPath, transactionId, ...event });
