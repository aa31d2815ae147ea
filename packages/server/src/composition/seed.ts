import { randomBytes } from 'node:crypto';
import type { Clock, PasswordHasher, Random } from '@assent/engine';
import { creationAttributes, type EngineChange } from '@assent/engine/host';
import { commonPasswords, type Store } from '@assent/store';
import { passwordProblem } from '../authentication/user-rules.ts';
import { ROLES } from '../authorization/access.ts';
import { savedClient } from '../clients/client-changes.ts';
import { newClientDocument } from '../clients/new-client.ts';
import { storedClients } from '../clients/stored-clients.ts';
import { equipmentOf } from '../journeys/realm-equipment.ts';
import type { ConfigurationActor } from '../realms/configuration-actor.ts';
import { createdRealm } from '../realms/realm-changes.ts';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { SettingsRefused } from '../settings/load-settings.ts';
import type { Settings } from '../settings/settings.ts';

export const DEMO_USER = Object.freeze({ name: 'demo', password: 'Ch4ng31t!' });
/** An application to try a sign-in with, on whichever port of this machine it listens. */
export const DEMO_CLIENT = 'demo-app';
/** Who owns the server from its first start on. */
export const ADMINISTRATOR = 'amadmin';

/**
 * Where the example of a page without a server stands. Redirects may go to any port of this machine; calls come from this one alone, since
 * whatever else somebody runs here would be let in too.
 */
const LOOPBACK = ['http://localhost:5173', 'http://127.0.0.1:5173'];

const demoClient = {
  realm: '/',
  id: DEMO_CLIENT,
  document: newClientDocument({
    kind: 'spa',
    anyLoopbackPort: true,
    name: 'Demo application',
    redirectUris: LOOPBACK.flatMap((origin) => [`${origin}/`, `${origin}/callback`]),
    postLogoutRedirectUris: LOOPBACK.flatMap((origin) => [`${origin}/`, `${origin}/callback`]),
    scopes: ['openid', 'profile', 'email', 'offline_access'],
  }),
};

/** Whether it was this start that made the user: of two at once, one does, and the name is then taken for the other. */
const addUser = async (
  store: Store,
  hasher: PasswordHasher,
  id: string,
  username: string,
  password: string,
  attributes: Readonly<Record<string, readonly string[]>>,
): Promise<boolean> => {
  const change: EngineChange = {
    type: 'identity.insert',
    id,
    realm: '/',
    username,
    hash: await hasher.hash(password, { realm: '/' }),
    attributes,
  };
  return (await store.committer.commit([change])).committed;
};

/** Sixteen characters that are easy to read aloud, in groups of four. */
const newPassword = (): string => {
  const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  const letters: string[] = [];
  while (letters.length < 16) {
    const [byte = 0] = randomBytes(1);
    // Bytes that would favour the first letters are thrown away.
    if (byte < Math.floor(256 / alphabet.length) * alphabet.length)
      letters.push(alphabet[byte % alphabet.length] ?? '');
  }
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
};

export interface Seeded {
  /** Only when it was made now: it is shown once and kept nowhere. */
  readonly adminPassword?: string;
}

/**
 * What a new installation starts with. Seeding never overwrites, and the administrator comes last: as long as there is none, a start
 * before this one did not come to its end, and what it left out is made up for.
 */
export const seed = async (
  store: Store,
  hasher: PasswordHasher,
  settings: Pick<Settings, 'seed' | 'adminPassword' | 'publicUrl'>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<Seeded> => {
  const born = creationAttributes(clock.now());
  const isDemo = settings.seed === 'demo';
  const root = { ...newRealmSettings('/', settings.publicUrl), ...(isDemo && { defaultTree: 'PushLogin' }) };
  const { configuration, writes } = await storedClients(store, settings.publicUrl, 'first start');
  const actor: ConfigurationActor = { at: clock.now(), transactionId: random.uuid(), by: 'first start' };
  await writes.decided(() =>
    configuration.realm('/') === undefined ? createdRealm(root, equipmentOf('/'), actor) : {},
  );
  if ((await store.identities.find('/', ADMINISTRATOR)) !== undefined) return {};
  const chosen = settings.adminPassword;
  const problem = chosen && (await passwordProblem(root, chosen, { username: ADMINISTRATOR }, commonPasswords));
  // Asked at the first start alone: what was set then is no longer what this setting holds.
  if (problem) throw new SettingsRefused([`ASSENT_ADMIN_PASSWORD cannot be used. ${problem.message}`]);
  if (isDemo && (await store.identities.find('/', DEMO_USER.name)) === undefined) {
    const attributes = { givenName: ['Demo'], sn: ['User'], cn: ['Demo User'], mail: ['demo@example.com'], ...born };
    await addUser(store, hasher, random.uuid(), DEMO_USER.name, DEMO_USER.password, attributes);
  }
  if (isDemo) {
    await writes.decided(() =>
      configuration.client(demoClient.realm, demoClient.id) === undefined
        ? savedClient(undefined, demoClient, actor)
        : {},
    );
  }
  const generated = chosen === undefined ? newPassword() : undefined;
  const isMade = await addUser(store, hasher, random.uuid(), ADMINISTRATOR, chosen ?? generated ?? '', {
    [ROLES]: ['owner'],
    ...born,
  });
  // A password that opens nothing is not printed.
  return isMade && generated !== undefined ? { adminPassword: generated } : {};
};
