/**
 * Every event of the audit trail that this server and its commands write, with what it tells; the reference is generated from here, and a test
 * holds it against the code (SEC-80). Nodes of others may write events of their own.
 */
export const AUDIT_EVENTS: Readonly<Record<string, string>> = Object.freeze({
  APPLICATION_REMOVE: 'A user took back what an application was allowed.',
  AUDIT_CHECKPOINT: 'The sealer signed where the trail had come to.',
  AUDIT_GAP: 'The trail is not what was sealed.',
  AUDIT_TRIMMED: 'Rows that were kept for long enough were let go, up to a place that is signed.',
  AUTH_FAIL: 'A wrong password, or one of nobody: one row for each.',
  BACK_CHANNEL_END:
    'A sign-in by another channel was answered, or can be no more; `outcome` says how, `used` for an approval that has given access by a policy.',
  BACK_CHANNEL_OPEN: 'A journey began a sign-in that another channel is to answer, or a policy asked for an approval.',
  BINDING_FAIL:
    'A phone answered with what is not signed by a key of the user, or says something else than it was asked; `outcome` is why.',
  BINDING_OK: 'A bound phone has signed.',
  CLIENT_CREATE: 'An application was registered; `outcome` is its id, `changed` has the names of what was set.',
  CLIENT_DELETE: 'An application was taken away, with all that was granted to it.',
  CLIENT_FAIL: 'An application showed a wrong secret or proof.',
  CLIENT_UPDATE:
    'An application was changed; `changed` has the names of what differs, `hasNewSecret` whether it got another secret.',
  CONFIG_APPROVED:
    'A second administrator has approved a change that waited; its own row follows, by whom it was proposed. `proposal` and `proposer` say which and whose.',
  CONFIG_CHANGE:
    'A journey, a node, a script, a webhook or a mail template; `outcome` is `create`, `update` or `delete`, `kind` and `id` say of what.',
  CONFIG_PROPOSED:
    'A change waits for a second administrator: `proposal` is its id, the rest as the row of the change will say it.',
  CONFIG_REJECTED:
    'A change that waited for a second administrator was rejected; `proposal` and `proposer` say which and whose.',
  CREDENTIALS_CHANGED: 'The directory says that a user has another password, or none.',
  DEVICE_ADD: 'A phone, a generator of codes, a passkey or a bound device was added.',
  DEVICE_CHANNEL_DEAD: 'The push service knows a phone no more.',
  DEVICE_REFRESH: 'A phone gave the address that it is rung by now.',
  DEVICE_REMOVE: 'A phone, a generator of codes, a passkey or a bound device was taken away.',
  DEVICE_RENAME: 'A phone, a generator of codes, a passkey or a bound device got another name.',
  ERASE: 'A user was erased: what was kept of them is gone.',
  EXPORT: 'All that is kept of a user was handed out.',
  FACTOR_DISABLED: 'After a hundred wrong proofs in a row, a factor is disabled for strangers.',
  JOURNEY_END: 'A journey ended; `outcome` is `success`, `failure` or `error`.',
  JOURNEY_START: 'A journey began.',
  JOURNEY_STEP: 'A node decided; `outcome` is the way that it took.',
  JOURNEY_SUSPEND: 'A journey waits for somebody to follow a link.',
  KEY_CREATE: 'A key was made.',
  KEY_DELETE: 'A key that nothing rests on any more was destroyed.',
  KEY_RETIRE: 'A key signs or seals nothing new any more.',
  KEY_ROTATE: 'Another key of its kind came into use.',
  LOCKOUT_REFUSED:
    'A journey would have locked or unlocked an account with roles, which only an owner does; `outcome` is `lock` or `unlock`.',
  LOGOUT_NOTICE: 'An application was told that a session has ended, or could not be.',
  MAIL: 'A mail was sent, or could not be.',
  MFA_RESET:
    'All devices of one kind or several were taken away from a user; `outcome` has the kinds, with commas between them.',
  OAUTH_AUTHORIZE: 'An application got a code for a user.',
  OAUTH_CONSENT: 'A user allowed an application what it asked for, or did not.',
  OAUTH_DEVICE: 'A user allowed a device what it asked for, or did not.',
  OAUTH_LOGOUT: 'An application signed a user out.',
  OPTOUT_SET: 'A user is asked for a second factor, or no more.',
  OTP_FAIL: 'A wrong one-time password; `outcome` is why, such as one that was used before.',
  OTP_OK: 'A right one-time password of a generator.',
  OUTBOX_DROP: 'Somebody at the machine gave up what was to be sent.',
  OUTBOX_RETRY: 'Somebody at the machine had something sent once more.',
  PASSKEY_COUNTER:
    'A passkey counted less than before, as a copy of it does; `outcome` is `told` where the journey goes by it, else `accepted`; `again` says that it is not the first of the day, of which the user gets no mail.',
  PASSKEY_FAIL: 'An answer for a passkey was refused; `outcome` is why.',
  PASSKEY_OK: 'Somebody has signed in with a passkey.',
  PASSWORD_SPRAY: 'A password is tried with many users: a sign of it, in numbers.',
  PUSH_ALERT: 'A user said by the phone that it was not them.',
  PUSH_ANSWERED: 'A phone approved.',
  PUSH_DEFERRED: 'The push service took a request not yet.',
  PUSH_DENIED: 'A phone denied.',
  PUSH_DUPLICATE: 'An answer of a phone came once more; written once for each request, however often it comes.',
  PUSH_EXPIRED: 'Nobody answered a request in its time.',
  PUSH_FAILED: 'A request could not be sent to a phone.',
  PUSH_LOCK: 'After denials or wrong numbers, requests to a user are paused.',
  PUSH_NUMBER_MISMATCH: 'A phone answered with a wrong number, or none.',
  PUSH_PAUSED: 'A user had requests paused for an hour.',
  PUSH_PRETENDED: 'A request for somebody who has no phone, or does not exist: nothing rang.',
  PUSH_SENT: 'A phone was asked; an older request from the same place is superseded by it.',
  PUSH_WITHDRAWN: 'A notification that is answered was taken back, or could not be.',
  REALM_CREATE: 'A realm was made, with all that it begins with.',
  REALM_DELETE: 'A realm was deleted, with all that belongs to it.',
  REALM_IMPORT: 'A realm came from a file; `documents` is how many were written.',
  REALM_SETTINGS_UPDATE: 'Settings of a realm for signing in were changed; `changed` has their names.',
  REALM_UPDATE: 'A realm was switched on or off, or got other names; `changed` says which.',
  RECOVERY_CREATED: 'A user got recovery codes.',
  RECOVERY_FAIL: 'A wrong recovery code.',
  RECOVERY_SHOWN: 'Recovery codes were shown.',
  RECOVERY_USED: 'A recovery code was used up.',
  REG_CLAIM: 'A phone answered a registration, or one that was taken.',
  REG_PROVEN: 'A phone that is to be added has proven itself.',
  REG_REPLAY: 'A registration that was used came once more; written once for each code and state of it.',
  REG_START: 'A registration of a phone began.',
  REG_TIMEOUT: 'No phone answered a registration in its time.',
  RESTORE: 'A backup was put back.',
  SEAL_BROKEN: 'Something that is stored does not open: it was changed, or its key is gone.',
  SERVICE_CREATE: 'A service was set; `outcome` is its type, `changed` has the names of what was set, never a value.',
  SERVICE_DELETE: 'A service was taken away, or is as in a new realm.',
  SERVICE_UPDATE: 'A service was changed; `changed` has the names of what differs.',
  SESSION_CREATE: 'A user has signed in.',
  SESSION_END:
    'A session was ended; `outcome` is `logout`, `logoutByUser` for all sessions of the user, or `tooManySessions` for those beyond what a user keeps, and `sessions` says how many these were.',
  SESSION_PROPERTIES: 'Properties of a session were set.',
  THROTTLED:
    'After too many, a guess or a request was not looked at; `outcome` says of what. Written by each instance once an hour for each user and address, for 20 addresses of a user at most; the others leave no row of their journey, and metrics count them.',
  TOKEN_ISSUE: 'An application got tokens.',
  TOKEN_REFRESH: 'An application got newer tokens.',
  TOKEN_REUSE: 'A code or a token that was used up came once more; all that rests on it was ended.',
  TOKEN_REVOKE: 'An application gave a token back.',
  USER_ADDRESS_SET:
    'A user or a journey changed an address to which codes are sent; `attributes` has the names of what was written.',
  USER_CREATE: 'A user was made.',
  USER_DELETE: 'A user was deleted.',
  USER_PASSWORD_SET: 'A user got another password.',
  USER_UNLOCK: 'The lockouts of a user were ended; `factors` names them.',
  USER_UPDATE:
    'A user was changed; `attributes` has the names of what was written, `password` whether it was one of them.',
  WEBHOOK: 'A webhook was called, or could not be.',
});

/** Events that others have, and why there is no such row here. */
export const NO_EVENTS: Readonly<Record<string, string>> = Object.freeze({
  ADMIN_CHANGE: 'each change has an event of its own, with who made it as `by` or `userId`.',
  ADMIN_READ:
    'reading changes nothing, and a row for each would let readers fill the trail; EXPORT is written, since it hands out all of a user.',
  LOCKED: 'what a lock does is THROTTLED; PUSH_LOCK and FACTOR_DISABLED say when one begins that lasts.',
  OPTOUT_REFUSED: 'a refusal changes nothing; the journey goes on to the factor, which has rows of its own.',
  OTP_REPLAY: 'it is OTP_FAIL with that `outcome`.',
  PUSH_SUPERSEDED: 'the PUSH_SENT of the newer request says it.',
  SESSION_REFRESH:
    'it would be a row a minute for each user; JOURNEY_END and SESSION_END say when a session begins and ends.',
  STEPUP: 'a journey that steps up has its JOURNEY_END, with what was proven.',
});
