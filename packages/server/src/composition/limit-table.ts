import type { ThrottlePolicy } from '@assent/engine';
import {
  DAY_BOUNDS,
  GUESSES_OF_DAY,
  MAX_FAILURES_IN_A_ROW,
  MAX_PROPOSALS_OF_PROPOSER,
  MAX_PROPOSALS_OF_REALM,
  MAX_PROPOSED_BYTES_OF_REALM,
  MAX_USER_CHARACTERS,
  NEW_PLACES_POLICY,
  PASSWORD_POLICY,
  SESSIONS_OF_USER,
  SOURCE_POLICY,
  SPRAY,
  STRANGERS_POLICY,
} from '@assent/engine/host';
import {
  ANSWERS_POLICY,
  MAIL_FROM_SOURCE_POLICY,
  MAIL_POLICY,
  ONE_TIME_PASSWORD_POLICY,
  REGISTRATION_POLICY,
} from '@assent/nodes';
import { CLIENT_POLICY, CLIENTS_OF_PLACE_POLICY, USER_CODE_POLICY } from '@assent/oidc';
import { BAD_ANSWER_POLICY, OTP_POLICY, RECOVERY_POLICY } from '@assent/push';
import { WRITES_OF_USER } from '../authorization/administration.ts';
import type { Rate } from '../http/rate-per-key.ts';
import { BEGINNINGS } from '../journeys/beginnings.ts';
import { NOTICES_OF_CLAIMANT, NOTICES_OF_CLAIMANTS, NOTICES_TO_OWNER } from '../mail/notice-limit.ts';
import { APPROVALS_OF_SESSION } from '../policies/access-approvals.ts';
import { MEBIBYTES_OF_CHANGE } from '../realms/realm-quota.ts';
import { MAX_OWN_CHARACTERS } from '../routes/users/attribute-rules.ts';
import { EXPORTS_POLICY, OWN_EXPORT_POLICY } from '../routes/users/export-user.ts';
import { SETTINGS } from '../settings/settings.ts';

/** What is counted so that nobody does too much of it, as people are told of it, and what shows that it holds. */
export interface Limit {
  /** What is guessed, or costs somebody something. */
  readonly what: string;
  /** By whom it is counted. */
  readonly per: string;
  /** With a policy it is counted in the database, in the commit of what it counts; with a rate in the memory of the instance. */
  readonly by: ThrottlePolicy | Rate | string;
  /** What happens over it. */
  readonly over: string;
  /** Where it cannot be counted: `closed` gives no answer, since a guess would pay; `open` goes on. */
  readonly fails: 'closed' | 'open';
  /** A test that fails without it, by its file under `packages/` and its name. */
  readonly heldBy: readonly [file: string, test: string];
}

const ADAPTERS = 'engine/src/adapters/passwords-adapter.test.ts';
const LIKE_WRONG = 'The answer is that of a wrong one, at the same cost, and nothing more is counted.';
const IN_A_ROW = `${MAX_FAILURES_IN_A_ROW} in a row`;

/** Every limit of what is guessed or costs; those of requests to phones in less than a day are in docs/fatigue.md. */
export const LIMITS: readonly Limit[] = Object.freeze<Limit[]>([
  {
    what: 'Wrong passwords: journeys, headers, `changePassword`, directories',
    per: 'account and place: a browser that is known to be the user’s, or else a source',
    by: PASSWORD_POLICY,
    over: LIKE_WRONG,
    fails: 'closed',
    heldBy: [ADAPTERS, 'are 5, and then one at each end of a lock, from one address'],
  },
  {
    what: 'Wrong passwords',
    per: 'account, all places that do not know it together',
    by: STRANGERS_POLICY,
    over: `${LIKE_WRONG} Known places go on.`,
    fails: 'closed',
    heldBy: [ADAPTERS, 'are 20, and then one at each end of a lock, from any number of addresses'],
  },
  {
    what: 'Wrong passwords',
    per: 'user, for strangers together and for each known place apart',
    by: IN_A_ROW,
    over: 'The password is disabled there until there is another one, or the second factors were reset; the user is told.',
    fails: 'closed',
    heldBy: [ADAPTERS, 'disable the password for strangers, which is told once, until there is another one'],
  },
  {
    what: 'Wrong passwords, codes and security answers',
    per: 'source, at all accounts together',
    by: SOURCE_POLICY,
    over: `${LIKE_WRONG} Users who have signed in from there go on.`,
    fails: 'closed',
    heldBy: [ADAPTERS, 'is refused after 100, but for those who have signed in from there'],
  },
  {
    what: 'Wrong passwords at many accounts',
    per: 'realm, as one instance sees it',
    by: `${SPRAY.accounts} accounts in ${SPRAY.windowMillis / 60_000} minutes, more wrong than right`,
    over: 'An alert and `PASSWORD_SPRAY` in the audit trail; nobody is locked out.',
    fails: 'open',
    heldBy: [ADAPTERS, 'one password at five thousand users from fifty addresses is told of, and locks out nobody'],
  },
  {
    what: 'Wrong codes, each kind for itself: of an app, of a generator that is not stored yet, sent ones, recovery codes, security answers',
    per: 'user, all strangers together',
    by: GUESSES_OF_DAY.strangers,
    over: `${LIKE_WRONG} Known places, passkeys and recovery codes of ours go on.`,
    fails: 'closed',
    heldBy: ['push/src/oath/oath-devices-adapter.test.ts', 'strangers get 20 wrong codes a day'],
  },
  {
    what: 'Wrong codes, each kind for itself',
    per: 'user, all known addresses together, above the limit of each',
    by: GUESSES_OF_DAY.addresses,
    over: `${LIKE_WRONG} Known browsers, passkeys and recovery codes of ours go on.`,
    fails: 'closed',
    heldBy: [
      'push/src/oath/oath-devices-adapter.test.ts',
      'callers at known addresses get 20 wrong codes a day together, and lock no known browser out',
    ],
  },
  {
    what: 'Wrong codes, each kind for itself',
    per: 'user, all known browsers together, above the limit of each',
    by: GUESSES_OF_DAY.known,
    over: `${LIKE_WRONG} Passkeys and recovery codes of ours go on.`,
    fails: 'closed',
    heldBy: ['push/src/oath/oath-devices-adapter.test.ts', 'known browsers get 40 wrong codes a day together'],
  },
  {
    what: 'Requests to phones that were not approved',
    per: 'user; all strangers, all known addresses and all known browsers, each together',
    by: `${DAY_BOUNDS.prompts.strangers} within a day for strangers, ${DAY_BOUNDS.prompts.addresses} for known addresses and ${DAY_BOUNDS.prompts.known} for known browsers, with one more for each`,
    over: 'Nothing is sent, and the journey goes on as if it had been. [Push fatigue](../fatigue.md) has the limits of shorter times.',
    fails: 'closed',
    heldBy: ['push/src/requests/asking-places.test.ts', 'of known browsers together: 40, and one of each'],
  },
  {
    what: 'Browsers that become known to be a user’s: by a second factor, and apart from them by codes that are sent to a user without a device, and by the password of a user who has nothing else',
    per: 'user',
    by: NEW_PLACES_POLICY,
    over: 'The sign-in succeeds, and the browser stays unknown.',
    fails: 'closed',
    heldBy: ['engine/src/adapters/guess-limits.test.ts', 'ten browsers a day become known'],
  },
  {
    what: 'Wrong codes of an app (TOTP, HOTP)',
    per: 'user; each known place apart; unknown names alike',
    by: OTP_POLICY,
    over: `The journey ends. ${IN_A_ROW} disable the codes there, as with passwords.`,
    fails: 'closed',
    heldBy: [
      'push/src/oath/oath-devices-adapter.test.ts',
      'the fifth wrong password in a row locks for a quarter of an hour, the right one included',
    ],
  },
  {
    what: 'Wrong recovery codes',
    per: 'user; each known place apart; unknown names alike',
    by: RECOVERY_POLICY,
    over: `The journey ends. ${IN_A_ROW} disable imported codes there, as with passwords. A right one of 80 random bits is always taken.`,
    fails: 'closed',
    heldBy: [
      'push/src/recovery-codes/recovery-codes-adapter.test.ts',
      'the fifth wrong code in a row locks for a quarter of an hour, a right imported one included',
    ],
  },
  {
    what: 'Wrong one-time passwords that were mailed or sent as SMS',
    per: 'user, or else journey; each known place apart',
    by: ONE_TIME_PASSWORD_POLICY,
    over: `The journey ends. ${IN_A_ROW} disable them there, as with passwords.`,
    fails: 'closed',
    heldBy: ['nodes/src/mfa/one-time-password-collector-decision.node.test.ts', 'the fifth wrong one ends it'],
  },
  {
    what: 'Wrong answers to security questions',
    per: 'user; each known place apart',
    by: ANSWERS_POLICY,
    over: 'The journey ends.',
    fails: 'closed',
    heldBy: [
      'nodes/src/identity/kba-questions.test.ts',
      'guessing is locked after the fifth wrong answer, for a while',
    ],
  },
  {
    what: 'Bad answers of phones: registration, answers, refresh',
    per: 'source',
    by: BAD_ANSWER_POLICY,
    over: 'Bad ones get 429 with `Retry-After`; right ones are taken.',
    fails: 'closed',
    heldBy: [
      'push/src/phone-endpoint/answer-phone.test.ts',
      'sixty bad answers a minute from one address are looked at',
    ],
  },
  {
    what: 'Bad answers of phones',
    per: 'message, such as a registration URI',
    by: '5',
    over: 'The message is closed.',
    fails: 'closed',
    heldBy: ['push/src/phone-endpoint/answer-authentication.test.ts', 'and the fifth closes the message'],
  },
  {
    what: 'Wrong secrets of OAuth clients: token, introspection, revocation, CIBA, device and pushed requests',
    per: 'client and source',
    by: CLIENT_POLICY,
    over: '429 with `Retry-After`; a secret that was made here, and a signature, count all the same.',
    fails: 'closed',
    heldBy: [
      'oidc/src/token/client-proof.test.ts',
      'are counted by client and place: after the fifth an imported secret gets 429 with Retry-After from there',
    ],
  },
  {
    what: 'Wrong secrets of OAuth clients',
    per: 'source, at all clients together',
    by: CLIENTS_OF_PLACE_POLICY,
    over: '429 with `Retry-After`; a secret that was made here, and a signature, count all the same.',
    fails: 'closed',
    heldBy: ['oidc/src/token/client-proof.test.ts', 'at a hundred clients are counted by their place'],
  },
  {
    what: 'Wrong codes of devices (`user_code`)',
    per: 'source',
    by: USER_CODE_POLICY,
    over: 'The page says that too many were wrong.',
    fails: 'closed',
    heldBy: ['oidc/src/endpoints/device.test.ts', 'is asked for one, and told of a wrong one: ten a minute'],
  },
  {
    what: 'Mails and SMS that journeys send, asked for by strangers',
    per: 'realm and address of the recipient',
    by: MAIL_POLICY,
    over: 'It is not sent, and the journey goes on as if it had been. Known places of the user whose address it is go on.',
    fails: 'closed',
    heldBy: ['nodes/src/mail/template-mail-nodes.test.ts', 'an eleventh mail within the hour is not sent'],
  },
  {
    what: 'Mails and SMS that journeys send, asked for by known addresses, and apart from them by known browsers; not to addresses that the password alone has changed in the last 7 days',
    per: 'address of the recipient and user who has it',
    by: MAIL_POLICY,
    over: 'It is not sent, and the journey goes on as if it had been. A mailbox of one user so gets 30 within an hour.',
    fails: 'closed',
    heldBy: [
      'nodes/src/mail/mail-limit.test.ts',
      'an address gets 10 mails an hour for strangers, 10 for known addresses and 10 for known browsers',
    ],
  },
  {
    what: 'Mails and SMS before anybody has proved to be the user',
    per: 'source',
    by: MAIL_FROM_SOURCE_POLICY,
    over: 'It is not sent, and the journey goes on as if it had been. Known places go on.',
    fails: 'closed',
    heldBy: [
      'nodes/src/mail/template-mail-nodes.test.ts',
      'before anybody is identified a hundred mails an hour go out for one address of the network',
    ],
  },
  {
    what: 'Notices to users about their accounts',
    per: 'realm, address of the recipient and user; where the user has not proven the address, also all such users together',
    by: `${NOTICES_TO_OWNER.hour} within an hour and ${NOTICES_TO_OWNER.day} within a day; to an address that is not proven ${NOTICES_OF_CLAIMANT.hour} and ${NOTICES_OF_CLAIMANT.day}, and ${NOTICES_OF_CLAIMANTS.hour} and ${NOTICES_OF_CLAIMANTS.day} of all such users`,
    over: 'It is not sent. The audit log and the account page tell of the event.',
    fails: 'closed',
    heldBy: ['server/src/mail/account-notices.test.ts', 'mails 10 notices an hour and 30 a day to one address'],
  },
  {
    what: 'Users that journeys make, or fail to since the name is taken',
    per: 'source',
    by: REGISTRATION_POLICY,
    over: 'Nobody is made: the outcome is Failed.',
    fails: 'closed',
    heldBy: ['nodes/src/identity/create-object.node.test.ts', 'of one address makes a hundred users an hour'],
  },
  {
    what: 'Journeys that store something and have not signed in',
    per: 'source, as one instance sees it; this machine itself is not counted',
    by: BEGINNINGS,
    over: '429 with `Retry-After`. First pages are shown, and what is under way goes on.',
    fails: 'open',
    heldBy: ['engine/src/journey/stored-journeys.test.ts', 'so that pages are shown, what is under way goes on'],
  },
  {
    what: 'Own data, as the account page hands it out',
    per: 'user',
    by: OWN_EXPORT_POLICY,
    over: '429.',
    fails: 'closed',
    heldBy: ['server/src/routes/users/personal-data.test.ts', 'is in the trail, and not handed out on and on'],
  },
  {
    what: 'Data of other users',
    per: 'administrator',
    by: EXPORTS_POLICY,
    over: '429.',
    fails: 'closed',
    heldBy: ['server/src/routes/users/personal-data.test.ts', 'of others is handed out sixty times an hour'],
  },
  {
    what: 'Calls that write: configuration, users, devices, the account page',
    per: 'user who is signed in, sessions with a device factor apart from the others, as one instance sees it',
    by: WRITES_OF_USER,
    over: '429 with `Retry-After`.',
    fails: 'open',
    heldBy: ['server/src/authorization/administration.test.ts', 'whoever writes too much is told when to come again'],
  },
  {
    what: 'Approvals that policies ask for',
    per: 'session, as one instance sees it',
    by: APPROVALS_OF_SESSION,
    over: '429 with `Retry-After`.',
    fails: 'open',
    heldBy: [
      'server/walks/policies.test.ts',
      'asks for so many approvals of one session at once, and says when to come again',
    ],
  },
  {
    what: 'Sessions that are kept',
    per: 'user, sessions by the password alone apart from those that have shown more; those of guests are not counted',
    by: `${SESSIONS_OF_USER.kept}, or ${SESSIONS_OF_USER.keptInUse} that were used within ${SESSIONS_OF_USER.idleMillis / 60_000} minutes`,
    over: `Every sign-in succeeds. The sweep ends the sessions that were not used for the longest time, and writes \`SESSION_END\` with \`tooManySessions\` into the audit log. One read returns the newest ${SESSIONS_OF_USER.kept} at most, as many as are kept of one kind, and \`GET sessions\` lists 100. Each one is still found by its handle and its \`sid\`.`,
    fails: 'closed',
    heldBy: ['store/src/testing/pairs/describe-many-sessions.ts', 'keeps what is in use, up to a higher bound'],
  },
  {
    what: 'Changes that wait for a second administrator',
    per: 'realm',
    by: `${MAX_PROPOSALS_OF_REALM}, and ${MAX_PROPOSED_BYTES_OF_REALM / 1_048_576} MiB, within seven days`,
    over: '409.',
    fails: 'closed',
    heldBy: ['store/src/testing/pairs/describe-proposals.ts', 'a realm keeps so many, the oldest first'],
  },
  {
    what: 'Changes that wait for a second administrator',
    per: 'proposer and realm',
    by: `${MAX_PROPOSALS_OF_PROPOSER} within seven days`,
    over: '409.',
    fails: 'closed',
    heldBy: [
      'store/src/testing/pairs/describe-proposals.ts',
      'a proposer has so many, and takes no place of other proposers and realms',
    ],
  },
  {
    what: 'Configuration of a realm: journeys, nodes, scripts, services and applications',
    per: 'realm',
    by: `${SETTINGS.realmConfigurationMebibytes.schema.parse(undefined)} MiB, or what \`ASSENT_REALM_CONFIGURATION_MEBIBYTES\` says`,
    over: '413 that names the limit, and a line in the log. Commands on the machine of the server are not limited.',
    fails: 'closed',
    heldBy: [
      'server/src/realms/realm-quota.test.ts',
      'what makes a realm larger than its quota is refused for every kind of document; other realms go on',
    ],
  },
  {
    what: 'Attributes of a user, by every writer: REST, journeys and scripts, commands, imports',
    per: 'user',
    by: `${MAX_USER_CHARACTERS / 1_024} KiB of characters, as JSON; ${MAX_OWN_CHARACTERS / 1_024} KiB for what users change of themselves over REST`,
    over: '413 that names the limit, and 400 to users who change themselves. The journey ends in error, and the import reports the user.',
    fails: 'closed',
    heldBy: ['store/src/testing/people/describe-user-size.ts', 'refuses what makes a user larger than the limit'],
  },
  {
    what: 'One change of the configuration',
    per: 'caller',
    by: `${MEBIBYTES_OF_CHANGE} MiB, all nodes of the changed journeys counted`,
    over: '413 that names the limit, and a line in the log.',
    fails: 'closed',
    heldBy: ['server/src/realms/realm-quota.test.ts', 'one change writes 2 MiB at most'],
  },
]);

const SECOND = [1_000, 'second'] as const;
const UNITS = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], SECOND] as const;

/** A length of time as people say it. */
export const inWords = (millis: number): string => {
  const [unit, name] = UNITS.find(([length]) => millis % length === 0) ?? SECOND;
  const count = millis / unit;
  if (count > 1) return `${count} ${name}s`;
  return name === 'hour' ? 'an hour' : `a ${name}`;
};

/** The numbers of a limit in words. */
export const numbersOf = ({ by }: Limit): string => {
  if (typeof by === 'string') return by;
  if ('burst' in by) {
    const { burst, perSecond } = by;
    const more = perSecond >= 1 ? `${perSecond} more a second` : `one more in ${Math.round(1 / perSecond)} seconds`;
    return `${burst} at once, and ${more}`;
  }
  if (by.most !== undefined)
    return `${by.most} within ${inWords(by.windowMillis)}, then none until the oldest of them is that old`;
  const doubling = by.lockMillis === by.maxLockMillis ? '' : `, doubling to ${inWords(by.maxLockMillis)}`;
  return `${by.free} within ${inWords(by.windowMillis)}, then a lock of ${inWords(by.lockMillis)}${doubling}`;
};
