import { randomUUID } from 'node:crypto';
import { asAdministrator } from '../support/administrator.ts';
import { realmPath } from '../support/realm-path.ts';
import type { Send } from '../support/wire.ts';

export type LogLine = Readonly<Record<string, unknown>>;
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** What the walks need of a server, wherever it runs. */
export interface World {
  /** Public URL, without a slash at its end. */
  readonly am: string;
  readonly send: Send;
  /** The server's time. */
  now(): number;
  /** Lets so much time pass, where the clock can be moved; a walk that depends on it has `needs: 'steering'`. */
  pass(millis: number): Promise<void>;
  readonly administrator: { readonly name: string; readonly password: string };
  createUser(username: string, password: string, realm: string): Promise<void>;
  attributes(username: string, realm: string): Promise<Attributes>;
  log(): Promise<readonly LogLine[]>;
  /** Absent for a server whose clock and configuration cannot be moved. */
  readonly steering?: Steering;
}

export interface Steering {
  setAttributes(username: string, realm: string, attributes: Attributes): Promise<void>;
  /** With the shipped journeys and without any service. */
  createRealm(realm: string): Promise<void>;
  setPushService(realm: string, config: Readonly<Record<string, unknown>>): Promise<void>;
  /** From now on Amazon's stand-in fails each delivery. */
  breakProvider(): Promise<void>;
  repairProvider(): Promise<void>;
  /** What Amazon's stand-in took for that token, oldest first: the payload of each platform by its name. */
  delivered(token: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export const steeringOf = ({ steering }: World): Steering => {
  if (steering === undefined) throw new Error('This walk needs a server that can be steered.');
  return steering;
};

const PASSWORD = 'Walk-1n-peace!';

/** A user of one walk, so that no walk sees what another one left. */
export interface Walker {
  readonly world: World;
  readonly realm: string;
  readonly username: string;
  readonly password: string;
}

export const newWalker = async (world: World, realm = '/'): Promise<Walker> => {
  const username = `walker-${randomUUID().slice(0, 8)}`;
  await world.createUser(username, PASSWORD, realm);
  return { world, realm, username, password: PASSWORD };
};

export const API = Object.freeze({ 'accept-api-version': 'protocol=1.0,resource=2.1' });

export const urlIn = ({ world, realm }: Walker, path: string): string => `${world.am}${realmPath(realm)}/${path}`;

/** Sends a request about the walker's devices in the name of the administrator. */
const manageDevices = ({ world, realm, username }: Walker, method: 'GET' | 'DELETE', path: string) =>
  asAdministrator(world, method, `${realmPath(realm)}/users/${username}/devices/${path}`);

export interface ListedDevice {
  readonly uuid: string;
  readonly deviceName: string;
  readonly createdDate: number;
  readonly lastAccessDate: number;
}

/** The push devices of the walker, as device management lists them. */
export const devicesOf = async (walker: Walker): Promise<readonly ListedDevice[]> => {
  const { status, body } = await manageDevices(walker, 'GET', '2fa/push?_queryFilter=true');
  if (status !== 200) throw new Error(`The devices were refused with ${status}.`);
  return body.result as readonly ListedDevice[];
};

export const removeDevice = async (walker: Walker, { uuid }: ListedDevice): Promise<void> => {
  const { status } = await manageDevices(walker, 'DELETE', `2fa/push/${uuid}`);
  if (status !== 200) throw new Error(`The device could not be removed: ${status}.`);
};

/** How the walker stands to the second factor: `0` not set, `1` may skip it, `2` may not. */
export const skipSettingOf = async ({ world, username, realm }: Walker): Promise<string | undefined> =>
  (await world.attributes(username, realm)).push2faEnabled?.[0];

/** The properties of the session that a login ended in. */
export const sessionProperties = async (
  walker: Walker,
  tokenId: string,
): Promise<Readonly<Record<string, unknown>>> => {
  const { status, body } = await walker.world.send({
    method: 'POST',
    url: urlIn(walker, 'sessions?_action=getSessionProperties'),
    headers: { 'accept-api-version': 'resource=4.0', iPlanetDirectoryPro: tokenId },
    body: {},
  });
  if (status !== 200) throw new Error(`The session was refused with ${status}.`);
  return body;
};
