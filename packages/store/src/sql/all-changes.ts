import type { Change } from '@assent/engine/host';
import type { ChangeOf, ChangeType, StoreChange } from '../ports/store.ts';
import { CONSENT_CHANGES } from './applications/consents.ts';
import { GRANT_CHANGES } from './applications/grants.ts';
import { PARKED_REQUEST_CHANGES } from './applications/parked-requests.ts';
import { PENDING_APPROVAL_CHANGES } from './applications/pending-approvals.ts';
import { REPLAY_CHANGES } from './applications/replays.ts';
import { SIGNING_KEY_CHANGES } from './applications/signing-keys.ts';
import { METADATA_CHANGES } from './installation/authenticator-metadata.ts';
import { CONFIGURATION_CHANGES } from './installation/configuration.ts';
import { OUTBOX_CHANGES } from './installation/outbox.ts';
import { PROPOSAL_CHANGES } from './installation/proposals.ts';
import { REALM_CHANGES } from './installation/realms-in-force.ts';
import { BACK_CHANNEL_CHANGES } from './logins/back-channels.ts';
import { JOURNEY_CHANGES } from './logins/journeys.ts';
import { SESSION_CHANGES } from './logins/sessions.ts';
import { THROTTLE_CHANGES } from './logins/throttles.ts';
import { USERS_CHANGES } from './people/brought-users.ts';
import { ERASURE_CHANGES } from './people/erasures.ts';
import { IDENTITY_CHANGES } from './people/identities.ts';
import { BOUND_DEVICE_CHANGES } from './phones/bound-devices.ts';
import { DEVICE_CHANGES } from './phones/devices.ts';
import { HELD_FACTOR_CHANGES } from './phones/held-factors.ts';
import { MESSAGE_CHANGES } from './phones/messages.ts';
import { OATH_DEVICE_CHANGES } from './phones/oath-devices.ts';
import { PASSKEY_CHANGES } from './phones/passkeys.ts';
import { AUDIT_CHANGES } from './trail/audit-rows.ts';
import type { ChangeFacts, CreatedIn, Durability, Locks } from './verbs/define-changes.ts';

/** Every kind of change. The compiler refuses a kind that no topic defines. */
const ALL_CHANGES: { readonly [T in ChangeType]: ChangeFacts<ChangeOf<T>> } = {
  ...AUDIT_CHANGES,
  ...BACK_CHANNEL_CHANGES,
  ...BOUND_DEVICE_CHANGES,
  ...CONFIGURATION_CHANGES,
  ...CONSENT_CHANGES,
  ...DEVICE_CHANGES,
  ...ERASURE_CHANGES,
  ...GRANT_CHANGES,
  ...HELD_FACTOR_CHANGES,
  ...IDENTITY_CHANGES,
  ...JOURNEY_CHANGES,
  ...MESSAGE_CHANGES,
  ...METADATA_CHANGES,
  ...OATH_DEVICE_CHANGES,
  ...OUTBOX_CHANGES,
  ...PARKED_REQUEST_CHANGES,
  ...PASSKEY_CHANGES,
  ...PENDING_APPROVAL_CHANGES,
  ...PROPOSAL_CHANGES,
  ...REALM_CHANGES,
  ...REPLAY_CHANGES,
  ...SESSION_CHANGES,
  ...SIGNING_KEY_CHANGES,
  ...THROTTLE_CHANGES,
  ...USERS_CHANGES,
};

const FACTS: ReadonlyMap<string, ChangeFacts<StoreChange>> = new Map(
  Object.entries(ALL_CHANGES) as unknown as readonly [ChangeType, ChangeFacts<StoreChange>][],
);

/** The facts of a change. Throws for a kind that no topic defines. */
export const factsOf = ({ type }: Change): ChangeFacts<StoreChange> => {
  const facts = FACTS.get(type);
  if (facts === undefined) throw new TypeError(`no store applies the type ${type}`);
  return facts;
};

/** The changes of a commit. Throws where one of them is of a kind that no topic defines. */
export const knownChanges = (changes: readonly Change[]): readonly StoreChange[] => {
  for (const change of changes) factsOf(change);
  return changes as readonly StoreChange[];
};

export const locksOfChange = (change: StoreChange): Locks | undefined => {
  const { locks } = factsOf(change);
  return typeof locks === 'function' ? locks(change) : locks;
};

/** Where a change creates something. Undefined for a change that creates nothing that a switched-off realm would refuse. */
export const createdIn = (change: StoreChange): CreatedIn | undefined => {
  const { creates } = factsOf(change);
  return creates === 'nothing' ? undefined : creates(change);
};

/** @internal Tests ask of each kind. */
export const isCreating = (change: Change): boolean => factsOf(change).creates !== 'nothing';

const durabilityOf = (change: StoreChange): Durability => {
  const { durability = 'usual' } = factsOf(change);
  return typeof durability === 'function' ? durability(change) : durability;
};

/** Whether the commit has only changes that a machine that dies may forget, so that it is answered before it is on the disk (OPS-35). */
export const isLosable = (changes: readonly StoreChange[]): boolean =>
  changes.every((change) => durabilityOf(change) === 'losable');

/** Whether SQLite flushes the change to the disk before it answers. */
export const isDurable = (change: StoreChange): boolean => durabilityOf(change) === 'disk';

/** Whether the commit is one statement, which a database keeps as a whole or not at all without BEGIN and COMMIT. */
export const isOneStatement = (changes: readonly StoreChange[]): boolean =>
  changes.length === 1 && changes.every((change) => factsOf(change).isOneStatement === true);

/** Whether SQLite has to overwrite the pages that the change frees. */
export const freesPlainText = (change: StoreChange): boolean => {
  const { freesPlainText: frees = true } = factsOf(change);
  return typeof frees === 'function' ? frees(change) : frees;
};

export const isErasure = (change: StoreChange): boolean => factsOf(change).isErasure === true;
