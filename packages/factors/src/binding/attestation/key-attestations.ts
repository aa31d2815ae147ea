import { port } from '@assent/engine';
import type { KeyDescription } from '../../certificates/key-description.ts';
import type { AttestationFault, AttestedKey } from './check-key-attestation.ts';

/** Whether the hardware of a phone keeps a key. */
export type KeyAttestation =
  | { readonly status: 'attested'; readonly description: KeyDescription }
  | { readonly status: 'refused'; readonly reason: AttestationFault }
  /** The realm names no roots. */
  | { readonly status: 'noRoots' }
  /** The roots, or the list of what is revoked, cannot be read, and were not read lately: nobody knows. */
  | { readonly status: 'unknown'; readonly cause: unknown };

/** Attestations of keys by Android, as nodes see them. */
export interface KeyAttestations {
  check(attested: AttestedKey): Promise<KeyAttestation>;
}

export const keyAttestations = port<KeyAttestations>()('keyAttestations', 'reads');
