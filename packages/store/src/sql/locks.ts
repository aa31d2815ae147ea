import type { StoreChange } from '../ports/store.ts';
import { locksOfChange } from './all-changes.ts';
import type { Contested } from './verbs/define-changes.ts';
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
  `SELECT id FROM identity WHERE id = {once}(
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
  `SELECT id FROM push_message WHERE id = {once}(SELECT request FROM push_message WHERE id = {any}){end}
   ORDER BY request, position {lock}`,
);

/**
 * With whatever is open of those users, which their changes would lock later. The first message of such a request comes before it, also
 * where that one is closed: who marks a delivery has locked the first, and nothing but the first.
 */
const requestsOfUsers = statement(
  `SELECT id FROM push_message WHERE id = {once}(
     SELECT request FROM push_message WHERE id = {any} UNION SELECT request FROM push_message WHERE user_id = {any} AND is_open = 1
     UNION SELECT id FROM push_message WHERE user_id = {any} AND is_open = 1){end}
   ORDER BY request, position {lock}`,
);

/**
 * Whoever looks first and writes later would otherwise hold what another of the same kind waits for; and so would whoever locks
 * something else before, which is what `isAmongOthers` says of the commit.
 */
const contested = (found: readonly Contested[], isAmongOthers: boolean): readonly string[] => {
  const keys = [...new Set(found.flatMap((it) => it.keys))];
  const mayWait = isAmongOthers || keys.length > 1 || found.length > 1;
  return mayWait && found.some(({ writes }) => writes) ? keys : [];
};

const lock = (of: Statement, ...values: readonly SqlValue[]): Call => ({ wants: 'rows', statement: of, values });

/** The statements that lock what the commit needs, in the order of all commits. */
export const locksOf = (changes: readonly StoreChange[]): readonly Call[] => {
  const wanted = changes.flatMap((change) => locksOfChange(change) ?? []);
  if (wanted.length === 0) return [];
  const all = (part: 'realms' | 'users' | 'devices' | 'journeysOfDevices' | 'messages') => [
    ...new Set(wanted.flatMap((it) => it[part] ?? [])),
  ];
  const ofRealms = all('realms');
  const [ofUsers, ofDevices, ofJourneys, ofMessages] = [
    all('users'),
    all('devices'),
    all('journeysOfDevices'),
    all('messages'),
  ];
  const ends = wanted.flatMap(({ endsSessions }) => endsSessions ?? []);
  const ofEnded = ends.map((it) => it.of);
  const ofPush = wanted.flatMap(({ requestsOf }) => requestsOf ?? []);
  const touched = wanted.flatMap(({ sessions }) => sessions ?? []);
  const isAmongOthers =
    ofEnded.length + touched.length + ofPush.length + ofDevices.length + ofJourneys.length + ofMessages.length > 0;
  const counted = wanted.flatMap(({ counters }) => counters ?? []);
  const ofCounters = contested(counted, isAmongOthers);
  const isBeforeOthers = ofPush.length + ofMessages.length + ofCounters.length > 0;
  const ofSessions = contested(touched, isBeforeOthers || ofEnded.length > 0);
  // One statement that ends several sessions locks them in any order, so it would wait for a sweep that waits for it.
  const locksEnded =
    ofEnded.length > 1 ||
    (ofEnded.length > 0 && (isBeforeOthers || ofSessions.length > 0 || ends.some(({ isMany }) => isMany)));
  const pushesAmongOthers = ofPush.length > 0 && ofPush.length + ofMessages.length > 1;
  return [
    ...(wanted.some((it) => it.configuration) ? [lock(configuration)] : []),
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
