import type { X509Certificate } from 'node:crypto';
import { madeOnce } from '@assent/engine';
import { z } from 'zod';
import { isInTime, nameOf, readCertificates } from '../../certificates/certificates.ts';

/** Name of the realm service that says by whose word authenticators are what they say (spec: webauthn §5.3, §5.4). */
export const WEBAUTHN_METADATA_SERVICE = 'webAuthnMetadataService';

const MAX_PEM_LENGTH = 262_144;
const MAX_TRUST_STORES = 32;
/** What the FIDO Alliance signs its metadata by is a certificate for this host. */
const SIGNER = 'mds.fidoalliance.org';

const addresses = (title: string, description: string) =>
  z
    .array(
      z
        .url({
          protocol: /^https$/,
          error:
            'Must be an address that begins with https:. Files are named by the operator of the server, by ASSENT_AUTHENTICATOR_METADATA_FILES and ASSENT_REVOCATION_LIST_FILES.',
        })
        .max(2_048),
    )
    .max(20)
    .default([])
    .meta({ title, description });

/** Certificates in PEM of which each is good to the rule, which answers with what is wrong. */
const certificates = (faultOf: (certificate: X509Certificate) => string | undefined) =>
  z
    .string()
    .max(MAX_PEM_LENGTH)
    .superRefine((text, context) => {
      const say = (message: string) => context.addIssue({ code: 'custom', message });
      if (text.trim() === '') return;
      try {
        for (const certificate of readCertificates(text)) {
          const fault = faultOf(certificate);
          if (fault !== undefined) say(`The certificate of ${nameOf(certificate)} ${fault}`);
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        say(error.message);
      }
    });

/**
 * Settings of the WebAuthn Metadata Service. `metadataRoots`, `metadataSigner`, `trustStores` and `revocationLists` are ours: AM has the first
 * and the third in its secret stores.
 */
export const webAuthnMetadataService = z.object({
  fidoMetadataServiceUris: addresses(
    'FIDO Metadata Service URIs',
    'Where the metadata of authenticators is read once a day, such as https://mds3.fidoalliance.org/. Files are named by the operator of the server. Without any, no certification level can be reached.',
  ),
  enforceRevocationCheck: z.boolean().default(false).meta({
    title: 'Enforce Revocation Check',
    description:
      'Take no metadata of which the lists of revoked certificates do not say that its signer is still good.',
  }),
  metadataRoots: certificates(({ ca }) => (ca ? undefined : 'is not that of an authority: give that of its issuer.'))
    .default('')
    .meta({
      title: 'Roots of the metadata',
      description: 'Certificates in PEM that its signature leads to; where empty, the one of the FIDO Alliance.',
    }),
  metadataSigner: z.hostname('Must be a host name.').max(253).default(SIGNER).meta({
    title: 'Signer of the metadata',
    description:
      'The host that the certificate is for by which the metadata is signed: its root may sign for others, too.',
  }),
  trustStores: z
    .record(
      z.string().regex(/^[a-zA-Z.]{1,128}$/, 'Must consist of letters and dots, as Trust Store alias of the node.'),
      certificates(() => undefined),
    )
    .refine((stores) => Object.keys(stores).length <= MAX_TRUST_STORES, `Must have ${MAX_TRUST_STORES} at the most.`)
    .default({})
    .meta({
      title: 'Trust stores',
      description:
        'By alias, certificates in PEM that attestations are trusted by: roots, or that of one authenticator, which is then trusted alone.',
    }),
  revocationLists: addresses(
    'Lists of revoked certificates',
    'Where certificates are listed that are not good any more (CRL), read once a day. No address that a certificate names is ever called.',
  ),
});
export type WebAuthnMetadataService = z.output<typeof webAuthnMetadataService>;

type Stored = Readonly<Record<string, unknown>>;
const trustStoresAlone = webAuthnMetadataService.pick({ trustStores: true });
const withoutTrustStores = webAuthnMetadataService.omit({ trustStores: true });
/** What metadata is read by. */
export type MetadataSettings = z.output<typeof withoutTrustStores>;

// A certificate takes a quarter of a millisecond to read, and a realm may have a hundred of them: who asks for metadata reads no trust store.
/** The trust stores of a realm, by what its service stores. */
export const readTrustStores = madeOnce((stored: Stored) => trustStoresAlone.safeParse(stored));
/** Where the metadata of a realm is, by what its service stores. */
export const readMetadataSettings = madeOnce((stored: Stored) => withoutTrustStores.safeParse(stored));
/** Whether a service names metadata of authenticators; one that cannot be read names none. */
export const namesMetadata = (stored: Stored): boolean =>
  (readMetadataSettings(stored).data?.fidoMetadataServiceUris.length ?? 0) > 0;

export interface OutdatedCertificate {
  readonly setting: string;
  readonly certificate: string;
  readonly from: string;
  readonly until: string;
}

/** Certificates among good settings that are no use at that time: over, or not good yet. */
export const outdatedCertificates = (
  { metadataRoots, trustStores }: Pick<WebAuthnMetadataService, 'metadataRoots' | 'trustStores'>,
  now: number,
): readonly OutdatedCertificate[] =>
  [['metadataRoots', metadataRoots] as const, ...Object.entries(trustStores).map(inStore)]
    .filter(([, text]) => text.trim() !== '')
    .flatMap(([setting, text]) =>
      readCertificates(text)
        .filter((certificate) => !isInTime(certificate, now))
        .map((certificate) => ({
          setting,
          certificate: nameOf(certificate),
          from: certificate.validFrom,
          until: certificate.validTo,
        })),
    );

const inStore = ([alias, text]: [string, string]) => [`trustStores.${alias}`, text] as const;
