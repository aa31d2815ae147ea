import type { Server } from '../../command/stored.ts';
import { isTrue, type SourceEntry, valuesOf } from '../reading/source-entry.ts';
import type { Reason } from './notice.ts';

export interface AccountState {
  readonly active: boolean;
  /** What of the state does not come along. */
  readonly reasons: readonly Reason[];
}

interface Rules {
  readonly server: Pick<Server, 'parseGeneralizedTime'>;
  readonly now: number;
}

/** Words of AM, and of IDM beside it: all of them have to say that the account is in use. */
const STATUSES = ['inetuserstatus', 'iplanet-am-user-login-status', 'accountstatus', 'fr-idm-accountstatus'];
const FLAGS = ['ds-pwp-account-disabled', 'nsaccountlock'];
/** The bit that Active Directory sets where an administrator has disabled the account. */
const ACCOUNT_DISABLED = 2;
/** How a password policy says that an administrator has locked an account for good. */
const LOCKED_FOR_GOOD = '000001010000Z';

/** `2026/11/28 12:30:00`, as AM keeps the end of an account; it says no zone, so that it may be meant half a day later. */
const endOfAccountLife = (text: string): number | undefined => {
  const [, year, month = '', day = '', time = '00:00:00'] =
    /^(\d{4})\/(\d\d?)\/(\d\d?)(?: (\d\d:\d\d(?::\d\d)?))?$/.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const millis = Date.parse(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${time}Z`);
  return Number.isNaN(millis) ? undefined : millis;
};

/** Whether the account of an entry is in use. What is not understood is not, since somebody may have meant it so. */
export const stateOf = (entry: SourceEntry, { server, now }: Rules): AccountState => {
  const reasons = new Set<Reason>();
  const first = (name: string): string | undefined => valuesOf(entry, name).find((value) => value !== '');

  const isStatusActive = STATUSES.map((name) => {
    const status = first(name)?.trim().toLowerCase() ?? 'active';
    if (!['active', 'inactive', 'deleted'].includes(status)) reasons.add('STATUS_UNKNOWN');
    return status === 'active';
  });
  const isEnded = [
    [first('ds-pwp-account-expiration-time'), server.parseGeneralizedTime] as const,
    [first('iplanet-am-user-account-life'), endOfAccountLife] as const,
  ].map(([text, read]) => {
    if (text === undefined) return false;
    const endsAt = read(text);
    if (endsAt === undefined) reasons.add('STATUS_UNKNOWN');
    else if (endsAt > now) reasons.add('ACCOUNT_ENDS');
    return endsAt === undefined || endsAt <= now;
  });
  const locked = first('pwdaccountlockedtime');
  if (locked !== undefined && locked !== LOCKED_FOR_GOOD) reasons.add('ACCOUNT_LOCKED');
  const control = Number(first('useraccountcontrol') ?? 0);
  if (isTrue(entry, 'pwdreset') || isTrue(entry, 'ds-pwp-password-must-change')) reasons.add('MUST_CHANGE_PASSWORD');

  const isOff = [
    isStatusActive.includes(false),
    isEnded.includes(true),
    FLAGS.some((name) => isTrue(entry, name)),
    locked === LOCKED_FOR_GOOD,
    (control & ACCOUNT_DISABLED) !== 0,
  ];
  return { active: !isOff.includes(true), reasons: [...reasons] };
};
