import type { Passkey } from '@assent/factors';

/** What AM calls the algorithms, by their COSE numbers: the names of Java (spec: webauthn §8.1). */
const JAVA_NAME: ReadonlyMap<number, string> = new Map([
  [-7, 'SHA256withECDSA'],
  [-35, 'SHA384withECDSA'],
  [-36, 'SHA512withECDSA'],
  [-257, 'SHA256withRSA'],
  [-258, 'SHA384withRSA'],
  [-259, 'SHA512withRSA'],
  [-8, 'Ed25519'],
]);

/** A passkey as AM keeps it, for scripts between a registration and the node that stores. */
export const profileOfPasskey = (passkey: Passkey): string =>
  JSON.stringify({
    uuid: passkey.uuid,
    recoveryCodes: [],
    createdDate: passkey.createdAt,
    lastAccessDate: passkey.lastAccessAt,
    credentialId: passkey.credentialId,
    algorithm: JAVA_NAME.get(passkey.algorithm) ?? String(passkey.algorithm),
    deviceName: passkey.deviceName,
    key: passkey.publicKey,
    signCount: passkey.signCount,
  });
