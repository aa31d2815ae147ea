import { z } from 'zod';
import { readRoots } from './attestation-documents.ts';

/** Name of the realm service that says by whom Android keys are attested (spec: webauthn §8.2). */
export const ANDROID_KEY_ATTESTATION_SERVICE = 'androidKeyAttestation';

/** Where Google lists certificates that are not good any more. */
const REVOKED_AT = 'https://android.googleapis.com/attestation/status';

const MAX_ROOTS_LENGTH = 65_536;

const address = z
  .string()
  .max(2_048)
  .refine((text) => text === '' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)), {
    error: 'Must be an address that begins with https.',
  });

/** Settings of the Android Key Attestation service. `rootCertificates` is ours: roots that need no call to anybody. */
export const androidKeyAttestationService = z.object({
  publicKeyUrl: address.default('').meta({
    title: 'Root Public Key URL',
    description:
      'Where the roots of hardware attestation are read, such as https://android.googleapis.com/attestation/root.',
  }),
  crlUrl: address.default(REVOKED_AT).meta({
    title: 'Certificate Revocation Status List URL',
    description: 'Where certificates are listed that are not good any more. It is read once a day.',
  }),
  rootCertificates: z
    .string()
    .max(MAX_ROOTS_LENGTH)
    .superRefine((text, context) => {
      if (text.trim() === '') return;
      try {
        readRoots(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'Must be certificates or public keys in PEM.' });
      }
    })
    .default('')
    .meta({
      title: 'Roots of hardware attestation',
      description: 'Certificates or public keys in PEM, beside those at the address or instead of them.',
    }),
});
