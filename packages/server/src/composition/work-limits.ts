import {
  CHARACTERS_WITHOUT_TURN,
  LINES_OF_KIND,
  LINES_OF_LEVEL,
  MAX_AUDIT_ROWS_OF_PAGE,
  MAX_CHARACTERS_OF_REQUEST,
  MAX_CHARACTERS_OF_VISIT,
  MAX_COMBINING_RUN,
  MAX_LOOK_THROUGHS,
  MAX_NODES_INSIDE_PAGES,
  MAX_NODES_PER_REQUEST,
  MAX_PAGE_CHARACTERS,
  MAX_SEARCH_VALUE_LENGTH,
  MAX_SEARCH_VALUES,
  MAX_STATE_SIZE,
  MAX_STEP_CHARACTERS,
  NODES_WITHOUT_TURN,
  ROWS_OF_KIND,
  ROWS_OF_REQUEST,
  SESSION_PROPERTY_LIMITS,
} from '@assent/engine/host';
import { GRANTS_ENDED_AT_ONCE, MAX_GRANTS_OF_NOTHING, MAX_GRANTS_OF_SESSION, MAX_GRANTS_OF_USER } from '@assent/oidc';
import { HOST_LOOKUPS } from '@assent/push';
import {
  LOOK_THROUGH_TURNS,
  MAX_CHARACTERS_LOOKED_THROUGH,
  MAX_CHARACTERS_OF_PAGE,
  MAX_CHARACTERS_OF_TURN,
  MAX_USERS_LOOKED_THROUGH,
} from '@assent/store';
import { MAX_LANGUAGES, MAX_LIST_ENTRIES, MAX_TEXT_ENTRIES } from '@assent/wire';
import { OWN_CHANGES_POLICY } from '../authorization/caller-commits.ts';
import { BYTES_BESIDE_ANSWER } from '../bounds/bounded-response.ts';
import { REQUEST_PACE } from '../bounds/request-pace.ts';
import { LARGE_ANSWER, MAX_ANSWER_BYTES, UNSENT_LIMITS } from '../bounds/unsent-answers.ts';
import { EXPORT_TURNS, USER_TURNS, WALK_TURNS, WORK_TURNS } from '../bounds/work-turns.ts';
import { READ_IN_TURN } from '../clients/realm-clients.ts';
import { MAX_COMPARED_MEBI } from '../http/configuration-query.ts';
import { SENT_BOUNDS } from '../privacy/user-export.ts';
import { JOURNEY_LIMITS } from '../realms/journey-limits.ts';
import { MEBIBYTES_OF_CHANGE, VALUES_OF_DOCUMENT } from '../realms/realm-quota.ts';
import { MAX_ROWS_READ } from '../routes/users/activity.ts';
import { APPLICATIONS_OF_PAGE } from '../routes/users/applications.ts';
import type { Limit } from './limit-texts.ts';

const MEBI = 1_024 * 1_024;
const UNSENT = 'server/src/bounds/unsent-answers.test.ts';
const SLOW_READERS = 'server/src/composition/slow-readers.test.ts';
const WALKS = 'engine/src/execution/walk-limits.test.ts';
const KEPT = 'engine/src/execution/kept-size.test.ts';
const TURNS = 'server/src/bounds/work-turns.test.ts';
const mebibytes = (bytes: number): string => `${bytes / 1_048_576} MiB`;
const kibi = (characters: number): string => `${characters / 1_024} Ki characters`;
const seconds = (millis: number): string => `${millis / 1_000} seconds`;

const turnsOf = ({
  concurrencyOfRealm,
  mostOfRealm,
  concurrency,
  most,
  deadlineMillis,
}: Readonly<Record<keyof typeof WORK_TURNS, number>>): string =>
  `${concurrencyOfRealm} at once and ${mostOfRealm} that wait, for ${seconds(deadlineMillis)} at most; ${concurrency} and ${most} of all realms`;
const AT_ONCE = turnsOf(WORK_TURNS);

/** Limits of the work and of the memory that callers ask for, without having to guess anything. */
export const WORK_LIMITS: readonly Limit[] = Object.freeze<Limit[]>([
  {
    what: 'One change of the configuration',
    per: 'caller',
    by: `${MEBIBYTES_OF_CHANGE} MiB, all nodes of the changed journeys counted`,
    over: '413 that names the limit, and a line in the log.',
    fails: 'closed',
    heldBy: ['server/src/realms/realm-quota.test.ts', 'one change writes 2 MiB at most'],
  },
  {
    what: 'JSON values of one node, service, script or OAuth client',
    per: 'document',
    by: `${VALUES_OF_DOCUMENT.toLocaleString('en')}, objects and lists counted with their members`,
    over: '413 that names the document. What is longer already may become shorter; commands on the machine write longer ones.',
    fails: 'closed',
    heldBy: ['server/src/realms/realm-quota.test.ts', 'one document has a bounded number of values'],
  },
  ...JOURNEY_LIMITS,
  {
    what: 'Answers that wait for a client that does not read them',
    per: 'source, realm and instance',
    by: `${mebibytes(UNSENT_LIMITS.mostOfSource)} of a source, ${mebibytes(UNSENT_LIMITS.mostOfRealm)} of a realm, ${mebibytes(UNSENT_LIMITS.most)} in all`,
    over: `503 with \`Retry-After\` instead of an answer of ${LARGE_ANSWER / 1_024} KiB or more. Where the realm or the instance is full, the largest source of the largest realm loses its oldest connection instead, if it has more than the caller would have.`,
    fails: 'open',
    heldBy: [UNSENT, 'that nobody reads are counted, and refused beyond the bound; those that are read go on'],
  },
  {
    what: 'Answers that wait for many clients that do not read them, each with little',
    per: 'realm and instance',
    by: `the bounds above; a file of the pages is counted with ${BYTES_BESIDE_ANSWER / 1_024} KiB and its head`,
    over: `The oldest connection ends for a source that has ${UNSENT_LIMITS.smallOfSource / 1_024} KiB at most. For a source that has ${mebibytes(UNSENT_LIMITS.partOfSource)} at most it ends if its answer has waited for ${seconds(UNSENT_LIMITS.graceMillis)}.`,
    fails: 'open',
    heldBy: [SLOW_READERS, 'from %i sources, at the realm "%s", keep no reader from the page, its files and a login'],
  },
  {
    what: 'Connections whose client does not read its answer',
    per: 'connection',
    by: `${seconds(UNSENT_LIMITS.stallMillis)} without a byte, or ${seconds(UNSENT_LIMITS.lifeMillis)} for one answer`,
    over: 'The connection is destroyed.',
    fails: 'open',
    heldBy: [UNSENT, 'whose reader takes no byte end with their connection: %s'],
  },
  {
    what: 'One answer',
    per: 'request',
    by: mebibytes(MAX_ANSWER_BYTES),
    over: 'A list with `_pageSize` ends its page sooner, and `pagedResultsCookie` leads on. Any other answer is 400 and names `_pageSize`.',
    fails: 'open',
    heldBy: [
      'server/src/http/configuration-query.test.ts',
      'has pages that end by their bytes, and their cookies lead to each record once',
    ],
  },
  {
    what: 'Requests that begin while the event loop is busy',
    per: 'realm; its sources take turns',
    by: `after ${REQUEST_PACE.busyMillis} milliseconds of one round of the loop, as many as begin in the time that the rest of a round takes, for ${REQUEST_PACE.busyMillis} milliseconds at least and ${REQUEST_PACE.mostMillis} at most, and none for up to ${REQUEST_PACE.acceptMillis} milliseconds while connections arrive; ${REQUEST_PACE.mostOfRealm.toLocaleString('en')} of a realm wait, ${REQUEST_PACE.most.toLocaleString('en')} of all realms, for ${seconds(REQUEST_PACE.deadlineMillis)} at most. With a body of more than ${REQUEST_PACE.smallBytes / 1_024} KiB, ${REQUEST_PACE.mostLargeOfRealm} of a realm wait and ${REQUEST_PACE.mostLarge} of all realms, up to twice as long`,
    over: '503 with `Retry-After`, and no line in the log but the line of the request. The source with the most requests in the line gives up its newest one for a source with fewer.',
    fails: 'open',
    heldBy: [
      'server/src/bounds/request-pace.test.ts',
      'of 64 slow requests of one realm, a request of another waits for two, from however many sources they come',
    ],
  },
  {
    what: 'Reads of administrators: `GET` and the actions of `POST` that only read',
    per: 'realm of the administrator; its administrators take turns',
    by: AT_ONCE,
    over: '503 with `Retry-After`.',
    fails: 'open',
    heldBy: [
      'server/src/composition/bounded-work.test.ts',
      'take one turn each, whichever route they go to, and give it back',
    ],
  },
  {
    what: 'Reads of users without a role: the account page and what clients read of the own user',
    per: 'realm of the user; its users take turns',
    by: turnsOf(USER_TURNS),
    over: '503 with `Retry-After`.',
    fails: 'open',
    heldBy: [
      'server/src/composition/bounded-work.test.ts',
      'take one turn each, in a line apart from that of administrators, and give it back',
    ],
  },
  {
    what: 'Exports of the data of a user, and counts of what an erasure removes',
    per: 'realm of the caller; its callers take turns',
    by: turnsOf(EXPORT_TURNS),
    over: '503 with `Retry-After`. The export is neither counted nor in the audit log.',
    fails: 'open',
    heldBy: [
      'server/src/routes/users/personal-data.test.ts',
      'is refused where too many wait, and is then neither counted nor in the audit log',
    ],
  },
  {
    what: 'Grants of OAuth clients: codes and tokens, of all sessions and all clients',
    per: 'user, those by the password alone apart from those of more proof and those that prove nothing, such as of guests',
    by: `${MAX_GRANTS_OF_USER}, or ${MAX_GRANTS_OF_NOTHING} that prove nothing; and ${MAX_GRANTS_OF_SESSION} of one client in one session`,
    over: `Every sign-in succeeds. ${GRANTS_ENDED_AT_ONCE} other grants of the user that have proven as much end, and their clients are told that the session is over: first those that are over, then the oldest.`,
    fails: 'closed',
    heldBy: [
      'store/src/testing/pairs/describe-many-grants.ts',
      'so many of each strength live, and the first to end are those that are over, then the oldest',
    ],
  },
  {
    what: 'Lists in an export over HTTP: the audit log, sessions and applications',
    per: 'export',
    by: `${SENT_BOUNDS.activity.rows.toLocaleString('en')} rows and ${mebibytes(SENT_BOUNDS.activity.bytes)} of the audit log; ${mebibytes(SENT_BOUNDS.sessions.bytes)} of sessions; ${mebibytes(SENT_BOUNDS.applications.bytes)} of applications`,
    over: 'The newest rows and sessions, and the first applications are handed out, and `activityIsCut`, `sessionsAreCut` or `applicationsAreCut` is true. `assent user export` hands out all of the audit log and all applications.',
    fails: 'open',
    heldBy: [
      'server/src/routes/users/rows-in-turns.test.ts',
      'an export has the newest sessions up to its bound, and says that there are more',
    ],
  },
  {
    what: 'Applications of a user in one answer',
    per: 'page',
    by: `${APPLICATIONS_OF_PAGE / MEBI} Mi characters, and one application more`,
    over: 'The page ends, and `pagedResultsCookie` leads on.',
    fails: 'open',
    heldBy: [
      'server/src/routes/users/rows-in-turns.test.ts',
      'applications with many scopes end a page before its size, and its cookie leads to all others',
    ],
  },
  {
    what: 'Rows of the audit log that one page of the activity of a user reads, shown or not',
    per: 'page',
    by: `${MAX_ROWS_READ.toLocaleString('en')}, of which ${MAX_AUDIT_ROWS_OF_PAGE.toLocaleString('en')} in one turn of the event loop`,
    over: 'The page ends, and `pagedResultsCookie` leads on.',
    fails: 'open',
    heldBy: [
      'server/src/routes/users/activity.test.ts',
      'reads a bounded number of rows for a page, and its cookie leads on behind rows that are not shown',
    ],
  },
  {
    what: 'Changes of the own profile: attributes, names of devices, recovery codes and opting out of a second factor',
    per: 'user, sessions with a device factor apart from the others',
    by: OWN_CHANGES_POLICY,
    over: '429. The user can go on to remove devices, end sessions and change the password.',
    fails: 'closed',
    heldBy: ['server/src/routes/users/users.test.ts', 'are committed 60 times an hour, and one more writes nothing'],
  },
  {
    what: 'Large nodes and pages of journeys: more than 32 Ki characters of settings in the node, or in the page and its nodes',
    per: 'realm; its sources take turns',
    by: turnsOf(WALK_TURNS),
    over: '503 with `Retry-After`, and the step stays open.',
    fails: 'open',
    heldBy: [TURNS, 'large nodes and long walks begin in turns of the event loop, two of a realm at most in each'],
  },
  {
    what: 'Nodes that a journey passes without asking the user anything',
    per: 'request',
    by: `${MAX_NODES_PER_REQUEST}, and ${MAX_NODES_INSIDE_PAGES.toLocaleString('en')} inside pages`,
    over: 'The journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [WALKS, 'a tree that loops ends after a bounded number of nodes, each in a turn'],
  },
  {
    what: `Nodes of a request behind the first ${NODES_WITHOUT_TURN}, and work of one node on more than ${kibi(CHARACTERS_WITHOUT_TURN)}`,
    per: 'realm; its sources take turns, in the line of large nodes',
    by: turnsOf(WALK_TURNS),
    over: '503 with `Retry-After`, and the step stays open.',
    fails: 'open',
    heldBy: [WALKS, 'the first nodes of a request take no turn, and each one after them takes one'],
  },
  {
    what: 'What a journey keeps between two requests: state, properties of the session, details, messages, proofs, codes and handovers. What the nodes of a request write is added, with their cookies and audit details',
    per: 'journey',
    by: kibi(MAX_STATE_SIZE),
    over: 'The journey ends in error, and the log names the node and the limit.',
    fails: 'open',
    heldBy: [KEPT, 'a node that writes without end is refused with the limit'],
  },
  {
    what: 'Properties of a session that nodes, scripts and the user set. A journey that goes on with a session adds its properties',
    per: 'session',
    by: `${SESSION_PROPERTY_LIMITS.properties}, with names of ${SESSION_PROPERTY_LIMITS.nameCharacters} characters and values of ${kibi(SESSION_PROPERTY_LIMITS.valueCharacters)}; ${kibi(SESSION_PROPERTY_LIMITS.bytes)} bytes in all, as they are stored (AM stores a few hundred); ${SESSION_PROPERTY_LIMITS.logoutWebhooks} logout webhooks`,
    over: 'The journey ends in error, and the log names the limit. `updateSessionProperties` is 400 that names it, and still takes properties away.',
    fails: 'closed',
    heldBy: [
      'engine/src/journey/session-properties.test.ts',
      'of two journeys in a row add up, and the second one ends in error where they are too %s',
    ],
  },
  {
    what: 'Characters that nodes compare or read in the attributes of a user: the length of the values times the number of comparisons',
    per: 'visit of a node; request',
    by: `${kibi(MAX_CHARACTERS_OF_VISIT)}; ${MAX_CHARACTERS_OF_REQUEST / MEBI} Mi characters`,
    over: 'The journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [WALKS, 'much work of one visit waits for a turn, and too much fails the node'],
  },
  {
    what: 'Rows of the audit log that one request to a journey writes in full',
    per: 'event, user, node and outcome; request',
    by: `${ROWS_OF_KIND}; ${ROWS_OF_REQUEST}`,
    over: 'The last row alike counts the others in its detail `more`. Each event has a row.',
    fails: 'open',
    heldBy: [WALKS, 'rows that a loop repeats are counted in one row'],
  },
  {
    what: 'Lines of the log that the nodes of one request write',
    per: 'node and text; level',
    by: `${LINES_OF_KIND}; ${LINES_OF_LEVEL}`,
    over: 'They are left out, and one line says how many.',
    fails: 'open',
    heldBy: [WALKS, 'a tree that loops ends after a bounded number of nodes, each in a turn'],
  },
  {
    what: 'Look-ups of host names that a realm names: mail servers, directories, webhooks, keys of clients, Google and Apple, certificates',
    per: 'realm; the ports of its connections take turns. Hosts that the operator names are counted as one more realm, and push services of browsers as another',
    by: `${HOST_LOOKUPS.concurrencyOfRealm} at once and ${HOST_LOOKUPS.mostOfRealm} that wait, for ${seconds(HOST_LOOKUPS.deadlineMillis)} at most; ${HOST_LOOKUPS.concurrency} and ${HOST_LOOKUPS.most.toLocaleString('en')} of all realms. One look-up takes ${seconds(HOST_LOOKUPS.lookupMillis)} at most`,
    over: 'The connection fails with `EAI_AGAIN`, after the time of a look-up with `ETIMEOUT`. It is tried again as after any failed connection.',
    fails: 'open',
    heldBy: ['push/src/outbound/host-lookups.test.ts', 'are refused beyond a bound of the realm'],
  },
  {
    what: 'Settings of a page and of the nodes in it',
    per: 'page',
    by: kibi(MAX_PAGE_CHARACTERS),
    over: 'The check of the journey has the error J20. The page is not made: the journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [
      'server/src/composition/bounded-work.test.ts',
      'are an error of the check, and are not made: the journey ends, and the log says why',
    ],
  },
  {
    what: 'One step of a journey',
    per: 'step',
    by: kibi(MAX_STEP_CHARACTERS),
    over: 'The journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [
      'engine/src/execution/large-steps.test.ts',
      'a step of 512 Ki characters is shown, and a larger one ends the journey in error',
    ],
  },
  {
    what: 'Characters that a query of users, or of configuration, compares: the length of the values times the number of comparisons',
    per: 'request',
    by: `${MAX_COMPARED_MEBI} Mi; a page of users reads ${MAX_CHARACTERS_OF_PAGE / MEBI} Mi in one turn of the event loop`,
    over: '400 that names `_queryFilter`. A query of users with `_pageSize` goes on with the next page.',
    fails: 'closed',
    heldBy: ['server/src/routes/users/user-search.test.ts', 'compares a bounded number of characters'],
  },
  {
    what: 'Attributes that a journey goes through to find one user, where no index has the attribute',
    per: 'look-up',
    by: `${MAX_USERS_LOOKED_THROUGH.toLocaleString('en')} users, and ${MAX_CHARACTERS_LOOKED_THROUGH / MEBI} Mi characters; about ${kibi(MAX_CHARACTERS_OF_TURN)} of them in one turn of the event loop`,
    over: 'The journey ends in error, and the log names `indexedAttributes`.',
    fails: 'closed',
    heldBy: ['store/src/testing/people/describe-large-users.ts', 'looks through a bounded number of characters'],
  },
  {
    what: 'Look-ups of users in a journey by an attribute that has no index, which read users one after the other',
    per: 'realm and instance; the sources of a realm take turns',
    by: turnsOf(LOOK_THROUGH_TURNS),
    over: '503 with `Retry-After`, and the step stays open.',
    fails: 'open',
    heldBy: [
      'store/src/sql/people/look-through-turns.test.ts',
      'run two at once of a realm and four in all; the others wait, and realms take turns',
    ],
  },
  {
    what: 'The same look-ups in one request',
    per: 'request',
    by: `${MAX_LOOK_THROUGHS}; the same look-up counts once`,
    over: 'The journey ends in error, and the log names the attribute and `indexedAttributes`.',
    fails: 'closed',
    heldBy: [
      'engine/src/adapters/identities-adapter.test.ts',
      'are bounded for one request, whichever of its ports asks, and the error names the attribute and the setting',
    ],
  },
  {
    what: 'Values by which a user is found',
    per: 'attribute of a user',
    by: `the first ${MAX_SEARCH_VALUES}, of ${MAX_SEARCH_VALUE_LENGTH} characters each`,
    over: 'They are stored, and no look-up and no query finds the user by them.',
    fails: 'closed',
    heldBy: ['store/src/testing/people/describe-large-users.ts', 'finds users by the first values of an attribute'],
  },
  {
    what: 'Lists of an OAuth client and of the provider of a realm: scopes, claims, redirect URIs, origins, properties and classes of sign-in',
    per: 'list',
    by: `${MAX_LIST_ENTRIES}; ${MAX_LANGUAGES} languages of one scope, and of the name and the description of a client; ${MAX_TEXT_ENTRIES.toLocaleString('en')} texts of all scopes of a client`,
    over: '400 that names the list. `assent client import` keeps a longer list and says so: its first entries count, and `assent doctor` names it.',
    fails: 'closed',
    heldBy: ['wire/src/oauth/list-bounds.test.ts', 'a list that is longer than its bound is refused by its name'],
  },
  {
    what: 'Origins of OAuth clients that are read for the first page of another site after a change of the configuration',
    per: 'turn of the event loop',
    by: `${READ_IN_TURN} clients and origins`,
    over: 'Other requests get a turn, and then the reading goes on.',
    fails: 'open',
    heldBy: [
      'server/src/clients/realm-origins.test.ts',
      'the origins of a realm are read in turns of the event loop, without scopes, keys or the provider',
    ],
  },
  {
    what: 'Combining characters in a row, in names and attributes',
    per: 'value',
    by: `${MAX_COMBINING_RUN}`,
    over: '400 that names the attribute. Stored values are compared without Unicode normalization.',
    fails: 'closed',
    heldBy: ['engine/src/foreign/fold-username.test.ts', 'keeps long runs of combining characters as they are'],
  },
]);
