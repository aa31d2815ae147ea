import { type NodePlace, nameCallback, type SettingsRemark } from '@assent/engine';
import { namesMetadata, readTrustStores, WEBAUTHN_METADATA_SERVICE } from '@assent/factors';
import { z } from 'zod';

/** The mediation by which browsers offer passkeys where the name is filled in (WebAuthn Level 3 §5.1.4). */
export const CONDITIONAL = 'conditional';

export const USER_VERIFICATION = ['REQUIRED', 'PREFERRED', 'DISCOURAGED'] as const;

/** COSE numbers of the algorithms, by the names that the settings have for them (RFC 9053; spec: webauthn §2.1). */
const COSE_ALGORITHM = {
  ES256: -7,
  ES384: -35,
  ES512: -36,
  RS256: -257,
  RS384: -258,
  RS512: -259,
  RS1: -65_535,
  EDDSA: -8,
} as const;
type AlgorithmName = keyof typeof COSE_ALGORITHM;
const ALGORITHM_NAMES = Object.keys(COSE_ALGORITHM) as [AlgorithmName, ...AlgorithmName[]];

/** RS1 signs a SHA-1 hash: settings may name it, since AM's may, and nothing asks for it (WA-09). */
export const algorithmsOf = (names: readonly AlgorithmName[]): readonly number[] =>
  [...new Set(names)].filter((name) => name !== 'RS1').map((name) => COSE_ALGORITHM[name]);

/** In the words of the standard. */
export const lowerCase = <Word extends string>(word: Word): Lowercase<Word> => word.toLowerCase() as Lowercase<Word>;

/** Settings of both ceremonies. */
export const relyingPartyDomain = z.string().trim().max(253).optional().meta({
  title: 'Relying party identifier',
  description: 'The host name that passkeys are made for. Without one it is that of the realm, or of the server.',
});
export const origins = z.array(z.string().trim().min(1).max(512)).max(100).default([]).meta({
  title: 'Origin domains',
  description:
    'From which pages and apps passkeys may be used, such as https://app.example.com. Without any: from the pages of this server, and those that may call it.',
});
export const userVerificationRequirement = z.enum(USER_VERIFICATION).default('PREFERRED').meta({
  title: 'User verification requirement',
  description: 'Whether the device has to make sure of its user by a finger, a face or a PIN.',
});
export const acceptedSigningAlgorithms = z.array(z.enum(ALGORITHM_NAMES)).min(1).default(['ES256', 'RS256']).meta({
  title: 'Accepted signing algorithms',
  description: 'What passkeys may sign with, the most wanted first. RS1 is accepted and never asked for.',
});
export const timeout = z.int().min(0).max(86_400).default(60).meta({
  title: 'Timeout',
  description: 'How many seconds the browser waits for the device.',
});
export const asScript = z.boolean().default(true).meta({
  title: 'Return challenge as JavaScript',
  description: 'Send a script that a page runs. Without it, what programs need is sent as data.',
});
export const generateRecoveryCodes = z.boolean().default(true).meta({
  title: 'Generate recovery codes',
  description: 'Make codes that let the user in without the passkey. A Recovery Code Display node shows them.',
});
export const maxSavedDevices = z.int().min(0).max(100).default(0).meta({
  title: 'Maximum saved devices',
  description: 'How many passkeys a user may have; 0 for as many as the realm allows.',
});

/** J-P3: origins that cannot belong to the relying party (WebAuthn Level 3 §5.1.3; spec: webauthn §10.4). */
export const remarksOnOrigins = ({
  relyingPartyDomain,
  origins,
}: {
  readonly relyingPartyDomain?: string | undefined;
  readonly origins: readonly string[];
}): readonly SettingsRemark[] =>
  origins.flatMap((origin): SettingsRemark[] => {
    const host = hostOfPage(origin);
    if (host === undefined) {
      if (relyingPartyDomain) return [];
      const what = `takes answers of the app ${origin}, and no host name follows from that`;
      return [{ code: 'J-P3', severity: 'warning', what, fix: 'Set relyingPartyDomain to the domain of the app.' }];
    }
    if (!relyingPartyDomain || host === relyingPartyDomain || host.endsWith(`.${relyingPartyDomain}`)) return [];
    const what = `takes answers from ${origin}, where browsers use no passkey of ${relyingPartyDomain} unless it lists that origin`;
    const fix = `Take it out of origins, or list it in the file /.well-known/webauthn of ${relyingPartyDomain}.`;
    return [{ code: 'J-P3', severity: 'warning', what, fix }];
  });

/** Of the origin of a page; apps write theirs otherwise, as `android:apk-key-hash:…` (spec: webauthn §6). */
const hostOfPage = (origin: string): string | undefined =>
  /^https?:/.test(origin) && URL.canParse(origin) ? new URL(origin).hostname : undefined;

/** J-P3: a hash that can be forged. */
export const remarksOnAlgorithms = ({
  acceptedSigningAlgorithms,
}: {
  readonly acceptedSigningAlgorithms: readonly string[];
}): readonly SettingsRemark[] => {
  if (!acceptedSigningAlgorithms.includes('RS1')) return [];
  const what = 'names RS1, which signs a hash that can be forged, and which is never asked for';
  return [{ code: 'J-P3', severity: 'warning', what, fix: 'Take RS1 out of acceptedSigningAlgorithms.' }];
};

const NOT_STORED = {};

/** J-P4: by whose word a device is what it says depends on the realm, and whether anybody is let in without depends on the node. */
export const remarksOnAttestation = (
  {
    attestationPreference,
    fidoCertificationLevel,
    trustStoreAlias,
  }: {
    readonly attestationPreference: string;
    readonly fidoCertificationLevel: string;
    readonly trustStoreAlias: string;
  },
  { services }: Pick<NodePlace, 'services'>,
): readonly SettingsRemark[] => {
  if (services === undefined) return [];
  const stored = services(WEBAUTHN_METADATA_SERVICE) ?? NOT_STORED;
  const hasMetadata = namesMetadata(stored);
  if (fidoCertificationLevel !== 'OFF' && !hasMetadata) {
    const what = `asks for the level ${fidoCertificationLevel}, which no passkey has: the realm reads no metadata of authenticators`;
    const fix = `Set fidoMetadataServiceUris of the service ${WEBAUTHN_METADATA_SERVICE} of the realm, or fidoCertificationLevel to OFF.`;
    return [{ code: 'J-P4', severity: 'error', what, fix }];
  }
  const hasRoots = Object.hasOwn(readTrustStores(stored).data?.trustStores ?? NOT_STORED, trustStoreAlias);
  if (attestationPreference !== 'DIRECT' || fidoCertificationLevel !== 'OFF' || hasMetadata || hasRoots) return [];
  const what = `has devices say what they are, which proves nothing: the realm trusts no certificate under ${trustStoreAlias}`;
  const fix = `Put certificates into trustStores of the service ${WEBAUTHN_METADATA_SERVICE} of the realm, or have it read metadata.`;
  return [{ code: 'J-P4', severity: 'info', what, fix }];
};

/** J-P5: what browsers fill in, they fill in where a name is typed (spec: webauthn §2.2, "8.1 pages"). */
export const remarksOnMediation = (
  { mediation }: { readonly mediation?: string | undefined },
  { beside }: Pick<NodePlace, 'beside'>,
): readonly SettingsRemark[] => {
  const hasName = beside.some((sends) => sends === 'anything' || sends.includes(nameCallback));
  if (mediation !== CONDITIONAL || hasName) return [];
  const what = 'has browsers offer passkeys where a name is typed, and nothing on its page asks for one';
  return [{ code: 'J-P5', severity: 'warning', what, fix: 'Put it on a page with a Username Collector.' }];
};

/** What keeps a ceremony from coming to an end, in the words of the log. */
export const ceremonyErrors = {
  noRelyingParty:
    'Passkeys cannot be made for an IP address: set relyingPartyDomain, or reach the server by a host name such as localhost.',
  extensions: 'Extensions must be a map',
  refused: 'The answer of the authenticator was refused: {{reason}}.',
} as const;
