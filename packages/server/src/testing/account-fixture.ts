import type { Session } from '@assent/engine';
import { FACTOR_INSTANT, USER_AGENT } from '@assent/engine/host';
import type { BoundDevice, OathDevice, Passkey } from '@assent/factors';
import type { PushDevice } from '@assent/push';
import type { StoreChange } from '@assent/store';
import { newSessionToken } from '../authentication/session-tokens.ts';
import type { SteeredServer } from './steered-server.ts';

const MINUTE = 60_000;

const identityOf = async ({ assent }: SteeredServer, realm: string, username: string) => {
  const identity = await assent.store.identities.find(realm, username);
  if (identity === undefined) throw new RangeError(`there is no user ${username} in ${realm}`);
  return identity;
};

const write = async ({ assent }: SteeredServer, change: StoreChange): Promise<void> => {
  const result = await assent.store.committer.commit([change]);
  if (!result.committed) throw new Error(`${result.refused} was refused`);
};

export interface SessionFacts {
  /** How long ago the factor was used; none was where absent. */
  readonly factorAgeMillis?: number;
  readonly factor?: string;
  readonly address?: string;
  readonly userAgent?: string;
  readonly createdAgoMillis?: number;
}

/** A session as a journey would have left it. */
export const openSession = async (
  server: SteeredServer,
  realm: string,
  username: string,
  facts: SessionFacts = {},
): Promise<{ readonly token: string; readonly session: Session }> => {
  const now = server.clock.now();
  const { token, tokenHash } = newSessionToken();
  const { factorAgeMillis, factor = 'AuthenticatorPush', address, userAgent, createdAgoMillis = 0 } = facts;
  const { id } = await identityOf(server, realm, username);
  const session: Session = {
    tokenHash,
    handle: crypto.randomUUID(),
    sid: crypto.randomUUID(),
    realm,
    userId: id,
    username,
    properties: {
      ...(factorAgeMillis !== undefined && {
        NodeType: `${factor}|`,
        [FACTOR_INSTANT]: new Date(now - factorAgeMillis).toISOString(),
      }),
      ...(address !== undefined && { Host: address }),
      ...(userAgent !== undefined && { [USER_AGENT]: userAgent }),
    },
    createdAt: now - createdAgoMillis,
    lastUsedAt: now,
    maxExpiresAt: now + 120 * MINUTE,
    maxIdleMillis: 30 * MINUTE,
  };
  await write(server, { type: 'session.insert', row: session });
  return { token, session };
};

/** A phone of ours that the user has connected. */
export const addPhone = async (
  server: SteeredServer,
  realm: string,
  username: string,
  deviceName = 'Pixel 8',
  given: Partial<PushDevice> = {},
): Promise<PushDevice> => {
  const { id } = await identityOf(server, realm, username);
  const row: PushDevice = {
    uuid: crypto.randomUUID(),
    realm,
    userId: id,
    username,
    deviceName,
    issuer: 'Assent',
    secret: new Uint8Array(32).fill(7),
    mechanismUid: crypto.randomUUID(),
    deviceId: 'device-id',
    deviceType: 'web',
    communicationType: 'relay',
    communicationId: crypto.randomUUID(),
    createdAt: server.clock.now(),
    lastAccessAt: server.clock.now(),
    refreshHashes: [],
    rev: 1,
    ...given,
  };
  await write(server, { type: 'device.insert', row, maxDevices: 9 });
  return row;
};

/** A generator of one-time passwords that the user has connected. */
export const addGenerator = async (server: SteeredServer, realm: string, username: string): Promise<OathDevice> => {
  const { id } = await identityOf(server, realm, username);
  const row: OathDevice = {
    uuid: crypto.randomUUID(),
    realm,
    userId: id,
    username,
    deviceName: 'OATH Device',
    issuer: 'Assent',
    secret: new Uint8Array(20).fill(7),
    digits: 6,
    counter: 0,
    lastLoginSeconds: 0,
    clockDriftSeconds: 0,
    checksumDigit: false,
    truncationOffset: -1,
    createdAt: server.clock.now(),
    lastAccessAt: server.clock.now(),
    rev: 1,
  };
  await write(server, { type: 'oath.insert', row, maxDevices: 9 });
  return row;
};

/** A passkey that the user has registered; whose key nobody has, so that it signs nobody in. */
export const addPasskey = async (
  server: SteeredServer,
  realm: string,
  username: string,
  given: Partial<Passkey> = {},
): Promise<Passkey> => {
  const { id } = await identityOf(server, realm, username);
  const uuid = crypto.randomUUID();
  const row: Passkey = {
    uuid,
    realm,
    userId: id,
    username,
    deviceName: 'Security key',
    credentialId: Buffer.from(`credential of ${uuid}`).toString('base64url'),
    userHandle: `handle-of-${id}`,
    publicKey: { kty: 'EC', crv: 'P-256', x: `x-of-${uuid}`, y: `y-of-${uuid}` },
    algorithm: -7,
    signCount: 3,
    userVerified: true,
    backupEligible: false,
    backedUp: false,
    aaguid: '00000000-0000-0000-0000-000000000000',
    transports: ['usb'],
    attestation: 'NONE',
    rpId: 'localhost',
    createdAt: server.clock.now(),
    lastAccessAt: server.clock.now(),
    rev: 1,
    ...given,
  };
  await write(server, { type: 'passkey.insert', row, maxDevices: 9 });
  return row;
};

/** A device that the user has bound; whose key nobody has. */
export const addBoundDevice = async (server: SteeredServer, realm: string, username: string): Promise<BoundDevice> => {
  const { id } = await identityOf(server, realm, username);
  const uuid = crypto.randomUUID();
  const row: BoundDevice = {
    uuid,
    realm,
    userId: id,
    username,
    deviceName: 'Banking app',
    deviceId: 'installation-1',
    key: { kty: 'EC', crv: 'P-256', kid: uuid, use: 'sig', alg: 'ES256', x: `x-of-${uuid}`, y: `y-of-${uuid}` },
    applicationId: 'org.example.bank',
    authenticationType: 'NONE',
    attested: false,
    createdAt: server.clock.now(),
    lastAccessAt: server.clock.now(),
    rev: 1,
  };
  await write(server, { type: 'bound.insert', row, maxDevices: 9 });
  return row;
};
