import type { Identity } from './identities.ts';
import { port } from './port.ts';

export interface NewAccount {
  readonly username: string;
  /** Absent for a user who is to sign in by other means. */
  readonly password?: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** The address to which a link was sent that was followed in this journey; other addresses are claimed. */
  readonly proven?: { readonly attribute: string; readonly address: string } | undefined;
}

/** Making users and giving them passwords, in the commit of the unit of work; what a directory keeps is written there before it. */
export interface Accounts {
  /** Whether users of the realm are made here: where a directory has them, they are made in that. */
  makesUsers(): boolean;
  /**
   * Undefined where the name is taken in the realm, or cannot be one, the password breaks a rule of `passwordPolicy`, or no users are made
   * here. The new user is found at once, in this unit of work.
   */
  create(account: NewAccount): Promise<Identity | undefined>;
  /**
   * Ends what the old password has opened (SEC-61): all sessions but the one that the caller presented, all journeys but
   * this one, and persistent cookies. The password that the user has already changes nothing. `current` is what the user has
   * proven before, for a directory in which users change their passwords themselves. Refused is one that breaks a rule of
   * `passwordPolicy`, and what such a directory does not take.
   */
  setPassword(username: string, password: string, current?: string): Promise<'set' | 'refused'>;
  hasPassword(username: string): Promise<boolean>;
}

export const accounts = port<Accounts>()('accounts', 'acts');

/** When a user was made, in the directory's spelling (RFC 4517 §3.3.13); AM shows it under this name. */
export const CREATED_ATTRIBUTE = 'createTimestamp';

/** `20260115120000Z` */
const generalizedTime = (millis: number): string =>
  new Date(millis)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');

/** What a user who is made at that moment has from the first. */
export const creationAttributes = (millis: number): Readonly<Record<string, readonly string[]>> => ({
  [CREATED_ATTRIBUTE]: [generalizedTime(millis)],
});

/** Reads such a time as milliseconds; undefined for what is none. Fractions and other zones are the directory's right. */
export const parseGeneralizedTime = (text: string): number | undefined => {
  const [, year, month, day, hour, minute = '00', second = '00', fraction = '', zone] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?([.,]\d{1,9})?(Z|[+-]\d\d(?:\d\d)?)$/.exec(text) ?? [];
  if (zone === undefined) return undefined;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3) || '00'}`;
  const millis = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.replace(',', '.').slice(0, 4)}${offset}`,
  );
  return Number.isNaN(millis) ? undefined : millis;
};
