import type { RealmSettings } from '@assent/engine';
import { isLoopback } from '../settings/loopback.ts';
import { parseRealmPath } from './realm-path.ts';

type Named = Pick<RealmSettings, 'realm' | 'aliases'>;

/** Host names are the same in any case, and so is every alias. */
export const foldAlias = (alias: string): string => alias.toLowerCase();

/** A word that can stand where the name of a realm does, or a host name. */
export const isUsableAlias = (alias: string): boolean =>
  /^[A-Za-z0-9]([\w.-]{0,251}[A-Za-z0-9])?$/.test(alias) &&
  !/^(realms|root)$/.test(alias) &&
  parseRealmPath(`${alias}/authenticate`)?.realm === `/${alias}`;

/** More are a mistake, and each is looked through when one is added. */
export const MAX_ALIASES = 50;

/** Whether it is a host name of this server: calls that name no realm are for the root one; frodo and all who administer make them. */
export const isNameOfServer = (alias: string, publicUrl: string): boolean =>
  foldAlias(alias) === new URL(publicUrl).hostname || isLoopback(foldAlias(alias));

/** The path of the realm that each alias stands for. */
export const aliasesOf = (realms: readonly Named[]): ReadonlyMap<string, string> =>
  new Map(realms.flatMap(({ realm, aliases }) => aliases.map((alias) => [foldAlias(alias), realm] as const)));

/** The realm below the root that has the name, by its path or by an alias; the realm that is `but` for is not looked at. */
export const realmOfName = (realms: readonly Named[], name: string, but?: string): string | undefined => {
  const folded = foldAlias(name);
  return realms.find(
    ({ realm, aliases }) =>
      realm !== but && (foldAlias(realm) === `/${folded}` || aliases.some((alias) => foldAlias(alias) === folded)),
  )?.realm;
};
