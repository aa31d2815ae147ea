import type { StoreChange } from '../ports/store.ts';
import { type Call, type SqlValue, type Statement, statement } from './verbs/verb.ts';

/**
 * What a commit locks before anything else, so that what it then reads stays so until it ends. All commits lock in one
 * order, by table as below and by key within it, so that no two wait for each other (OPS-05).
 */
const configuration = statement('SELECT version FROM configuration_version WHERE id = 1 {lock}');
const realms = statement('SELECT path FROM realm WHERE path = {any} ORDER BY path {share}');
const users = statement('SELECT id FROM identity WHERE id = {any} ORDER BY id {lock}');
/** With those whose devices are named: two statements would be two orders. */
const usersOfDevices = statement(
  `SELECT id FROM identity WHERE id = {first}(
     SELECT user_id FROM device WHERE uuid = {any} UNION SELECT user_id FROM device WHERE pending_journey = {any}
     UNION SELECT user_id FROM oath_device WHERE uuid = {any} UNION SELECT user_id FROM passkey WHERE uuid = {any}
     UNION SELECT user_id FROM bound_device WHERE uuid = {any} UNION SELECT id FROM identity WHERE id = {any}){end} ORDER BY id {lock}`,
);
const sessions = statement('SELECT token_hash FROM session WHERE token_hash = {any} ORDER BY token_hash {lock}');
/** Counted, so that the process is handed no row of each session. */
const sessionsOfUsers = statement(
  `SELECT COUNT(*) FROM (
     SELECT token_hash FROM session WHERE token_hash = {any} OR user_id = {any} ORDER BY token_hash {lock}) AS locked`,
);
const counters = statement('SELECT subject FROM throttle WHERE subject = {any} ORDER BY subject {lock}');
/** The first message of a request stands for all of them; it has the id of the request. */
const requests = statement(
  `SELECT id FROM push_message WHERE id = {first}(SELECT request FROM push_message WHERE id = {any}){end}
   ORDER BY request, position {lock}`,
);

/**
 * With whatever is open of those users, which their changes would lock later. The first message of such a request comes before it, also
 * where that one is closed: who marks a delivery has locked the first, and nothing but the first.
 */
const requestsOfUsers = statement(
  `SELECT id FROM push_message WHERE id = {first}(
     SELECT request FROM push_message WHERE id = {any} UNION SELECT request FROM push_message WHERE user_id = {any} AND is_open = 1
     UNION SELECT id FROM push_message WHERE user_id = {any} AND is_open = 1){end}
   ORDER BY request, position {lock}`,
);

/** What one change needs locked. */
interface Needs {
  readonly configuration?: true;
  readonly realms?: readonly string[];
  readonly users?: readonly string[];
  readonly devices?: readonly string[];
  readonly journeysOfDevices?: readonly string[];
  /** Messages, or requests: those of a request that go by its first message. */
  readonly messages?: readonly string[];
}

/** The row of a user is locked by whatever counts, replaces or supersedes what the user has (OPS-06). */
const needsOf = (change: StoreChange): Needs => {
  switch (change.type) {
    case 'configuration.change':
    case 'proposal.put':
      return { configuration: true };
    // Of whoever is not here, or not any more, there is no row to lock: an import and an erasure of one id wait for each other by this.
    case 'users.insert':
      return { configuration: true };
    case 'realm.usable':
      return { realms: [change.realm] };
    case 'identity.erase':
      return { configuration: true, users: [change.id] };
    case 'identity.attributes':
    case 'identity.password':
    case 'identity.rehash':
    case 'identity.revoke':
    case 'identity.rename':
    case 'identity.entryMark':
    case 'identity.active':
    case 'identity.endAccess':
    case 'identity.delete':
      return { users: [change.id] };
    case 'device.insert':
    case 'device.update':
    case 'oath.insert':
    case 'oath.update':
    case 'passkey.insert':
    case 'passkey.update':
    case 'bound.insert':
    case 'bound.update':
      return { users: [change.row.userId] };
    case 'device.deleteAll':
    case 'oath.deleteAll':
    case 'passkey.deleteAll':
    case 'bound.deleteAll':
    case 'codes.replace':
    case 'push.closeUser':
    case 'session.end':
    case 'session.endAllOf':
    case 'session.endOthersOf':
    case 'grant.endOfUser':
      return { users: [change.userId] };
    case 'device.delete':
    case 'device.confirm':
    case 'oath.delete':
    // Whoever deletes the user has the row of the user first, and waits for this one next.
    case 'passkey.used':
    case 'passkey.delete':
    case 'bound.accessed':
    case 'bound.delete':
      return { devices: [change.uuid] };
    case 'device.discard':
      return { journeysOfDevices: [change.journeyId] };
    case 'pendingApproval.decide':
      return change.approved === undefined ? {} : { users: [change.approved.userId] };
    case 'push.open':
      return { users: change.rows.map(({ userId }) => userId) };
    case 'push.claim':
    case 'push.renewClaim':
      return { messages: change.ids };
    case 'push.answer':
    case 'push.badProof':
    case 'push.defer':
      return { messages: [change.id] };
    case 'push.consume':
    case 'push.close':
      return { messages: [change.request] };
    case 'push.delivery':
      return { messages: change.marks.map(({ id }) => id) };
    default:
      return {};
  }
};

/**
 * Whoever looks first and writes later would otherwise hold what another of the same kind waits for; and so would whoever locks
 * something else before, which is what `isAmongOthers` says of the commit.
 */
const contested = (
  changes: readonly StoreChange[],
  isAmongOthers: boolean,
  keysOf: (change: StoreChange) => { readonly keys: readonly string[]; readonly writes: boolean } | undefined,
): readonly string[] => {
  const found = changes.flatMap((change) => keysOf(change) ?? []);
  const keys = [...new Set(found.flatMap((it) => it.keys))];
  const mayWait = isAmongOthers || keys.length > 1 || found.length > 1;
  return mayWait && found.some(({ writes }) => writes) ? keys : [];
};

const countersOf = (change: StoreChange) => {
  switch (change.type) {
    case 'throttle.put':
      return { keys: [change.row.subject], writes: true };
    case 'throttle.hit':
    case 'throttle.forgive':
      return { keys: [change.subject], writes: true };
    case 'throttle.takeBack':
      return { keys: change.hits.map(({ subject }) => subject), writes: true };
    case 'throttle.clear':
      return { keys: change.subjects, writes: true };
    case 'throttle.unlocked':
      return { keys: change.subjects, writes: false };
    default:
      return undefined;
  }
};

const sessionsOf = (change: StoreChange) => {
  switch (change.type) {
    case 'session.usable':
      return { keys: [change.tokenHash], writes: false };
    case 'session.touch':
    case 'session.properties':
      return { keys: [change.tokenHash], writes: true };
    default:
      return undefined;
  }
};

/** They delete sessions of a user, however many there are. */
const ENDS_SESSIONS: ReadonlySet<string> = new Set(['session.end', 'session.endAllOf', 'session.endOthersOf']);

/** The user whose sessions, requests and grants a change ends, all of them. */
const userWhoseAccessEnds = (change: StoreChange): readonly string[] =>
  change.type === 'identity.endAccess' || (change.type === 'identity.active' && !change.active) ? [change.id] : [];

/**
 * Whether it ends several sessions by one statement, which takes rows in whatever order it finds them: even alone it would wait for
 * a sweep that has taken some of them, and the sweep for it.
 */
const endsSeveralSessions = (change: StoreChange): boolean =>
  change.type === 'session.endAllOf' || change.type === 'session.endOthersOf' || userWhoseAccessEnds(change).length > 0;

/** Whose open messages a change closes. */
const usersOfPush = (change: StoreChange): readonly string[] => {
  if (change.type === 'push.open') return change.rows.map(({ userId }) => userId);
  return change.type === 'push.closeUser' ? [change.userId] : userWhoseAccessEnds(change);
};

const lock = (of: Statement, ...values: readonly SqlValue[]): Call => ({ wants: 'rows', statement: of, values });

/** The statements that lock what the commit needs, in the order of all commits. */
export const locksOf = (changes: readonly StoreChange[]): readonly Call[] => {
  const needs = changes.map(needsOf);
  const all = (part: Exclude<keyof Needs, 'configuration'>) => [...new Set(needs.flatMap((it) => it[part] ?? []))];
  const ofRealms = all('realms');
  const [ofUsers, ofDevices, ofJourneys, ofMessages] = [
    all('users'),
    all('devices'),
    all('journeysOfDevices'),
    all('messages'),
  ];
  const ofEnded = changes.flatMap((change) =>
    ENDS_SESSIONS.has(change.type) && 'userId' in change ? [change.userId as string] : userWhoseAccessEnds(change),
  );
  const ofPush = changes.flatMap(usersOfPush);
  const touchesSessions = ofEnded.length > 0 || changes.some((change) => sessionsOf(change) !== undefined);
  const isAmongOthers = touchesSessions || ofPush.length + ofDevices.length + ofJourneys.length + ofMessages.length > 0;
  const ofCounters = contested(changes, isAmongOthers, countersOf);
  const isBeforeOthers = ofPush.length + ofMessages.length + ofCounters.length > 0;
  const ofSessions = contested(changes, isBeforeOthers || ofEnded.length > 0, sessionsOf);
  const locksEnded =
    ofEnded.length > 1 ||
    (ofEnded.length > 0 && (isBeforeOthers || ofSessions.length > 0 || changes.some(endsSeveralSessions)));
  const pushesAmongOthers = ofPush.length > 0 && ofPush.length + ofMessages.length > 1;
  return [
    ...(needs.some((it) => it.configuration) ? [lock(configuration)] : []),
    ...(ofRealms.length > 0 ? [lock(realms, ofRealms)] : []),
    ...(ofDevices.length + ofJourneys.length > 0
      ? [lock(usersOfDevices, ofDevices, ofJourneys, ofDevices, ofDevices, ofDevices, ofUsers)]
      : ofUsers.length > 0
        ? [lock(users, ofUsers)]
        : []),
    ...(locksEnded
      ? [lock(sessionsOfUsers, ofSessions, ofEnded)]
      : ofSessions.length > 0
        ? [lock(sessions, ofSessions)]
        : []),
    ...(ofCounters.length > 0 ? [lock(counters, ofCounters)] : []),
    ...(pushesAmongOthers
      ? [lock(requestsOfUsers, ofMessages, ofPush, ofPush)]
      : ofMessages.length > 0
        ? [lock(requests, ofMessages)]
        : []),
  ];
};

/** What those lock who replace keys, or seal the trail, as do those who change the configuration, or erase somebody. */
export const configurationLock: Call = lock(configuration);
