import type { ThrottlePolicy } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { hasFreshDeviceFactor } from '../../authorization/access.ts';
import { type Account, type AccountPorts, accountOf } from '../../authorization/account.ts';
import { hasOwnFactor } from '../../authorization/account-step-up.ts';
import { FORBIDDEN, isAnswer, mayActOn, NOT_FOUND } from '../../authorization/administration.ts';
import { refusedWrite } from '../../authorization/caller-commits.ts';
import type { WorkTurns } from '../../bounds/work-turns.ts';
import { type Answer, type Call, ok, refuse } from '../../http/call.ts';
import { exportUser, SENT_BOUNDS, type UserExportPorts } from '../../privacy/user-export.ts';
import { auditOfUser, type ChangingPorts, STALE } from './user-account.ts';

export interface ExportUserOptions extends AccountPorts, ChangingPorts {
  readonly exports: UserExportPorts & {
    /** Where exports wait for each other, one of a realm at a time. */
    readonly turns: Pick<WorkTurns, 'run'>;
  };
}

const MINUTE = 60_000;
/** Each reads all that there is of a user, so that nobody has it done on and on. */
export const OWN_EXPORT_POLICY: ThrottlePolicy = {
  windowMillis: 60 * MINUTE,
  free: 5,
  lockMillis: 10 * MINUTE,
  maxLockMillis: 60 * MINUTE,
};
/** Administrators answer requests by the dozen. */
export const EXPORTS_POLICY: ThrottlePolicy = { ...OWN_EXPORT_POLICY, free: 60 };

/** How old a sign-in may be of somebody who has no second factor to show. */
const FRESH_MILLIS = 5 * MINUTE;

export const STEP_UP_FOR_DATA: Answer = refuse(
  403,
  'Sign in with your phone, a passkey, a code of your app or a recovery code first, then ask within five minutes.',
  { needs: 'recentFactor' },
);
const SIGN_IN_FIRST: Answer = refuse(403, 'Sign in anew first, then ask within five minutes.', {
  needs: 'recentSignIn',
});

/** Why a user may not have the own data now; undefined where nothing is in the way. */
const refusalOfOwner = async (
  { identity, caller: { session } }: Account,
  { exports: { store }, clock }: ExportUserOptions,
): Promise<Answer | undefined> => {
  const now = clock.now();
  if (hasFreshDeviceFactor(session, now)) return undefined;
  if (await hasOwnFactor(store, identity.id)) return STEP_UP_FOR_DATA;
  return now - session.createdAt < FRESH_MILLIS ? undefined : SIGN_IN_FIRST;
};

/**
 * `POST users/{user}?_action=export`: all that is kept of a user, for the user and for those who may hand it out (GDPR Art. 15 and 20). Nothing is
 * handed out that is not in the trail.
 */
export const exportOfUser =
  (options: ExportUserOptions) =>
  async (call: Call): Promise<Answer> => {
    const account = await accountOf(call, options, 'people:export');
    if (isAnswer(account)) return account;
    const { caller, identity, isOwn } = account;
    const { clock } = options;
    if (isOwn) {
      // A page of another origin acts for its user in what it was listed for, which this is not.
      if (call.isFromListedOrigin) return FORBIDDEN;
      const refusal = await refusalOfOwner(account, options);
      if (refusal !== undefined) return refusal;
    } else {
      if (!mayActOn(caller, identity)) return FORBIDDEN;
      if (options.adminSecondFactor && !hasFreshDeviceFactor(caller.session, clock.now())) return STEP_UP_FOR_DATA;
    }
    // Counted in the turn: an export that is refused because too many wait is neither counted nor in the audit log.
    const lane = { realm: caller.session.realm, caller: caller.identity.id };
    return options.exports.turns.run(lane, () => exportOf(options, call, account));
  };

const exportOf = async (
  options: ExportUserOptions,
  call: Call,
  { caller, identity, isOwn }: Account,
): Promise<Answer> => {
  const { clock } = options;
  // Apart: an administrator who has answered many requests has the own data all the same, and the other way round.
  const subject = `${isOwn ? 'export' : 'exports'}:${caller.identity.id}`;
  const now = clock.now();
  const changes: readonly Change[] = [
    { type: 'throttle.hit', subject, policy: isOwn ? OWN_EXPORT_POLICY : EXPORTS_POLICY, at: now, onlyUnlocked: true },
    auditOfUser(clock, call, caller, 'EXPORT', identity.id),
  ];
  const { commits } = options;
  const result = await (isOwn ? commits.ofAccount(caller, changes) : commits.byRole(caller, changes));
  if (!result.committed) return refusedWrite(result, STALE);
  // As it is now: with this call in it.
  const current = await options.identities.findById(identity.id);
  if (current === undefined) return NOT_FOUND;
  return ok(await exportUser(options.exports, current, SENT_BOUNDS));
};
