// biome-ignore lint/style/noRestrictedImports: its keys go through PEM.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assent } from '../support/server-process.ts';
import type { VirtualCredential } from '../support/virtual-authenticator.ts';
import type { PasskeySuite } from './passkey-visit.ts';

/** Through PEM: Node 20 may stand still over key objects that its generator hands out (docs/adr/0031). */
const newKeyPair = (): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: createPublicKey(publicKey), privateKey: createPrivateKey(privateKey) };
};
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' });
const TIMES = { createdDate: 1_700_000_000_000, lastAccessDate: 1_700_000_100_000 };

/** Imports somebody with a passkey and a bound device, as PingAM keeps them (spec: webauthn §8.1), and gives the passkey to tests. */
export const importFromPingAm = async ({ server }: PasskeySuite, username: string): Promise<VirtualCredential> => {
  const { publicKey, privateKey } = newKeyPair();
  const credentialId = Buffer.from(randomUUID());
  const passkey = {
    ...TIMES,
    uuid: randomUUID(),
    recoveryCodes: [],
    credentialId: credentialId.toString('base64url'),
    algorithm: 'SHA256withECDSA',
    deviceName: 'Key of PingAM',
    key: jwkOf(publicKey),
    signCount: 41,
  };
  const kid = randomUUID();
  const bound = {
    ...TIMES,
    uuid: kid,
    recoveryCodes: [],
    deviceName: 'App of PingAM',
    deviceId: 'installation',
    key: { ...jwkOf(newKeyPair().publicKey), kid, use: 'sig', alg: 'ES256' },
  };
  const people = join(server.scratch, `${username}.json`);
  const person = {
    username,
    webauthnDeviceProfiles: [JSON.stringify(passkey)],
    boundDevices: [JSON.stringify(bound)],
  };
  writeFileSync(people, JSON.stringify(person));
  await assent(['import', 'users', people, '--data-dir', server.dataDir]);
  return {
    credentialId: credentialId.toString('base64'),
    isResidentCredential: true,
    rpId: 'localhost',
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    // Clients of AM give authenticators the base64url of the name as it reads, and not what it stands for.
    userHandle: Buffer.from(Buffer.from(username).toString('base64url')).toString('base64'),
    signCount: passkey.signCount,
  };
};
