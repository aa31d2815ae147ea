import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { Server } from '../command/stored.ts';
import { type Finding, ok, warning } from './check.ts';

const NAME = 'administration';
/** More names than this help nobody. */
const MAX_NAMES = 10;

/** Whether a stolen password of an administrator would be enough. */
export const checkAdministration = (server: Server, settings: Settings): Finding => {
  if (server.lacksAdminSecondFactor(settings)) {
    return warning(
      NAME,
      'A password alone administers this server.',
      `connect a phone to each account with a role, then start ${settings.seed === 'demo' ? 'with ASSENT_SEED=none and ' : ''}without ASSENT_ADMIN_SECOND_FACTOR=false`,
    );
  }
  return settings.adminSecondFactor
    ? ok(NAME, 'Administrators need a second factor.')
    : ok(NAME, 'A password alone administers this server, which only this machine reaches.');
};

/** On this machine alone a start counts as one of the demo where nothing else is said, whatever the database was begun as. */
export const checkDemo = async (server: Server, settings: Settings, store: Store): Promise<readonly Finding[]> => {
  if (settings.seed !== 'demo' || server.lacksAdminSecondFactor(settings)) return [];
  if ((await store.identities.find('/', server.DEMO_USER.name)) !== undefined) return [];
  if ((await everyAdministrator(server, store)).length === 0) return [];
  return [
    warning(
      NAME,
      'A password alone administers this server: it has no demo user, and yet ASSENT_SEED is demo, as it is on this machine where nothing else is said.',
      'connect a phone to each account with a role, then start with ASSENT_SEED=none, or ASSENT_ADMIN_SECOND_FACTOR=true',
    ),
  ];
};

/** Where administrators need a second factor: those who have none to use, and so administer nothing. */
export const checkAdministrators = async (server: Server, store: Store): Promise<readonly Finding[]> => {
  const without: string[] = [];
  for (const { id, realm, username } of await everyAdministrator(server, store)) {
    const phones = await store.devices.ofUser(id);
    const apps = await store.oathDevices.ofUser(id);
    const passkeys = await store.passkeys.ofUser(id);
    if (phones.length + apps.length + passkeys.length === 0)
      without.push(realm === '/' ? username : `${username} of ${realm}`);
  }
  if (without.length === 0) return [];
  const more = without.length > MAX_NAMES ? ` and ${without.length - MAX_NAMES} more` : '';
  return [
    warning(
      NAME,
      `Without a phone, an app or a passkey, and so without a way to administer: ${without.slice(0, MAX_NAMES).join(', ')}${more}.`,
      'sign in as each of them with the journey PushLogin, and connect a phone',
    ),
  ];
};

/** Who is active, found by roles, realm by realm, each of them once. */
const everyAdministrator = async (server: Server, store: Store) => {
  const found = new Map<string, { readonly id: string; readonly realm: string; readonly username: string }>();
  for (const { realm } of (await store.configuration.load()).realms) {
    for (const value of server.ROLE_NAMES) {
      for await (const user of server.everyUser(store.identities, realm, { attribute: server.ROLES, value })) {
        // A role is written as it is: one that is spelled otherwise is none.
        if (user.active && server.rolesOf(user).length > 0) found.set(user.id, user);
      }
    }
  }
  return [...found.values()];
};
