import type { BoundDevice, KeyAttestation } from '@assent/factors';
import { encodeBase64 } from '@assent/push/protocol';

/** A bound device as AM keeps it (spec: webauthn §8.1); all of it is public. */
export const boundProfileOf = ({ uuid, deviceName, deviceId, createdAt, lastAccessAt, key }: BoundDevice) => ({
  uuid,
  recoveryCodes: [],
  deviceName,
  deviceId,
  createdDate: createdAt,
  lastAccessDate: lastAccessAt,
  key: { ...key },
});

/** What scripts read of an attestation. */
export const attestationOf = ({
  challenge,
  packages,
  isGenerated: _,
  isForSigning: _purpose,
  ...levels
}: Extract<KeyAttestation, { readonly status: 'attested' }>['description']) => ({
  ...levels,
  attestationChallenge: encodeBase64(challenge),
  packages: [...packages],
});
