import type { Identity } from '@assent/engine';
import type { AuditEvent, AuditReader, Change, EngineChange, Erasure } from '@assent/engine/host';
import type { Store } from '@assent/store';
import { applicationsOfUser } from './applications-of-user.ts';

/** A user of whom at least the id is left. */
export type Erased = Pick<Identity, 'id' | 'realm'> & Partial<Pick<Identity, 'username'>>;

export interface ErasureOrder {
  readonly at: number;
  readonly transactionId: string;
  /** Who has ordered it: the id of a user, or the command line. */
  readonly by: string;
  /** Why, such as the number of a request; it stays in the trail, so that no name belongs into it. */
  readonly reason?: string;
}

/** What goes with a user, by kind. */
export interface ErasureCounts {
  readonly phones: number;
  readonly generators: number;
  readonly passkeys: number;
  readonly boundDevices: number;
  readonly recoveryCodes: number;
  readonly sessions: number;
  readonly applications: number;
  readonly requests: number;
  readonly notices: number;
  readonly journeys: number;
  /** Lines of the trail that stay without what is personal in them. */
  readonly trail: number;
}

/** Counted no further: it is for people, who want to know whether it is the right account. */
const MAX_COUNTED = 10_000;
/** Read in one turn of the event loop. */
const ROWS_AT_ONCE = 250;

/**
 * What erases a user, in one commit (security-reliability §7 "Erase"): who asks comes before it. `journeys` are those under way that know the user; one
 * that has learnt of the user while they were looked through ends by its own clock.
 */
export const erasureOf = (
  { id, realm }: Erased,
  journeys: readonly string[],
  { at, transactionId, by, reason }: ErasureOrder,
): readonly Change[] => {
  const detail = { by, ...(reason !== undefined && { reason }) };
  const event: AuditEvent = { at, event: 'ERASE', realm, transactionId, userId: id, detail };
  const changes: readonly EngineChange[] = [
    { type: 'identity.erase', id, realm, at, journeys },
    { type: 'audit.erase', userId: id },
    { type: 'audit.append', event },
  ];
  return changes;
};

/** The rows of the audit log that name the user, counted page by page. */
const rowsOfTrail = async (audit: Pick<AuditReader, 'page'>, userId: string): Promise<number> => {
  let rows = 0;
  let before: string | undefined;
  do {
    const query = { since: 0, limit: ROWS_AT_ONCE, ...(before !== undefined && { before }) };
    const { events, next } = await audit.page(userId, query);
    rows += events.length;
    before = next;
  } while (before !== undefined && rows < MAX_COUNTED);
  return rows;
};

type Counted = Pick<
  Store,
  | 'devices'
  | 'oathDevices'
  | 'passkeys'
  | 'boundDevices'
  | 'sessions'
  | 'grants'
  | 'consents'
  | 'messages'
  | 'outbox'
  | 'audit'
>;

const countApplications = async (store: Counted, user: Identity, now: number): Promise<number> => {
  let count = 0;
  for await (const _ of applicationsOfUser(store, user, now)) count += 1;
  return count;
};

/** What would go with a user at this moment, with these journeys under way; nothing is changed. */
export const countErasure = async (
  store: Counted,
  user: Identity,
  journeys: readonly string[],
  now: number,
): Promise<ErasureCounts> => {
  const { id: userId } = user;
  // Before the rest: turns of both at once would be as large as both.
  const applications = await countApplications(store, user, now);
  const ofDevices = Promise.all([
    store.devices.ofUser(userId),
    store.oathDevices.ofUser(userId),
    store.passkeys.ofUser(userId),
    store.boundDevices.ofUser(userId),
    store.devices.codesOfUser(userId),
  ]);
  const [devices, sessions, requests, notices, trail] = await Promise.all([
    ofDevices,
    store.sessions.countOfUser(userId, now),
    store.messages.ofUser(userId, MAX_COUNTED),
    store.outbox.ofUser(userId, MAX_COUNTED),
    rowsOfTrail(store.audit, userId),
  ]);
  const [phones, generators, passkeys, boundDevices, codes] = devices;
  return {
    phones: phones.length,
    generators: generators.length,
    passkeys: passkeys.length,
    boundDevices: boundDevices.length,
    recoveryCodes: codes.length,
    sessions,
    applications,
    requests: requests.length,
    notices: notices.length,
    journeys: journeys.length,
    trail,
  };
};

const ID = /^[\x21-\x7e]{1,128}$/;
const REALM = /^\/[\w./-]{0,512}$/;

/**
 * Who was erased, out of a line of `assent user erasures`, or of the audit trail as it is sent on: of other lines of that, nobody. Throws a
 * `SyntaxError` for what is no line of either.
 */
export const readErasure = (line: string): Erasure | undefined => {
  const told: unknown = JSON.parse(line);
  if (typeof told !== 'object' || told === null) throw new SyntaxError('it is no object');
  const { event, userId, realm, at, time } = told as Readonly<Record<string, unknown>>;
  if (typeof event === 'string' && event !== 'ERASE') return undefined;
  const millis = Date.parse(String(at ?? time ?? ''));
  if (typeof userId !== 'string' || !ID.test(userId)) throw new SyntaxError('userId is no id of a user');
  if (typeof realm !== 'string' || !REALM.test(realm)) throw new SyntaxError('realm is no path of a realm');
  if (Number.isNaN(millis)) throw new SyntaxError('at is no time');
  return { userId, realm, at: millis };
};

export const erasureLine = ({ userId, realm, at }: Erasure): object => ({
  userId,
  realm,
  at: new Date(at).toISOString(),
});
