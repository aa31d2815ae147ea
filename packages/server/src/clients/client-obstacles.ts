import type { OAuthClient, ProviderSettings } from '@assent/oidc';
import { type CLIENT_SECTIONS, OVERRIDES } from '@assent/wire';
import type { DocumentReader } from './document-reader.ts';
import { findForeignPlugins } from './foreign-plugins.ts';
import { GRANT_TYPES } from './provider-of-document.ts';

const CORE = 'coreOAuth2ClientConfig';
const ADVANCED = 'advancedOAuth2ClientConfig';
const SIGNING = 'signEncOAuth2ClientConfig';

/** What a client could ask of AM and cannot ask here, with what its application can do (spec: oidc §9). */
const REFUSED_GRANTS: Readonly<Record<string, string>> = {
  implicit: 'the application has to ask for a code, with PKCE',
  password: 'the application has to send people to the login page, or run a journey',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'tokens are not exchanged here',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'JWTs of others are not exchanged here',
  'urn:ietf:params:oauth:grant-type:saml2-bearer': 'SAML assertions are not exchanged here',
  'urn:ietf:params:oauth:grant-type:uma-ticket': 'there is no UMA here',
  'urn:openid:params:grant-type:ciba': 'sign-ins without a browser are not there yet',
};

/** The grant types of a client that its realm allows. The others are found: tokens of a type that the realm has switched off are issued for no client. */
export const usableGrantTypes = (
  read: DocumentReader<typeof CLIENT_SECTIONS>,
  { grantTypes: allowed }: Pick<ProviderSettings, 'grantTypes'>,
): readonly string[] =>
  read.texts(ADVANCED, 'grantTypes').filter((type) => {
    if (allowed.includes(type)) return true;
    const reason = GRANT_TYPES.has(type) ? 'the provider does not allow it' : 'it is not known here';
    read.find(ADVANCED, 'grantTypes', `has ${type}, which is refused: ${REFUSED_GRANTS[type] ?? reason}`);
    return false;
  });

/** Finds what of a client AM would do and this server does not, so that somebody who brings it along knows before its users do. */
export const findUnsupported = (
  read: DocumentReader<typeof CLIENT_SECTIONS>,
  client: OAuthClient,
  { treeOfAcr }: Pick<ProviderSettings, 'treeOfAcr'>,
): void => {
  const withToken = client.responseTypes.filter((type) => type !== 'code' && type !== 'none' && type !== 'id_token');
  if (withToken.length > 0 && !client.responseTypes.includes('code')) {
    read.find(
      ADVANCED,
      'responseTypes',
      `has ${withToken.join(', ')} without code, and tokens are never in an address`,
    );
  }
  findProof(read, client);
  findCryptography(read);
  if (/^pairwise$/i.test(read.text(ADVANCED, 'subjectType') ?? '')) {
    read.find(ADVANCED, 'subjectType', 'is pairwise; every client is told the same name for a user');
  }
  if (read.texts('coreOpenIDClientConfig', 'claims').length > 0) {
    const problem = 'names single claims; people are asked by scope here, so write what they read into scopes';
    read.find('coreOpenIDClientConfig', 'claims', problem);
  }
  if (read.texts(ADVANCED, 'requestUris').length > 0) {
    read.find(ADVANCED, 'requestUris', 'is set; requests are not fetched from an address');
  }
  if (read.text(CORE, 'agentgroup') !== undefined) {
    read.find(CORE, 'agentgroup', 'names a group; there are none here, and the values that came along count');
  }
  for (const acr of [client.requiredAcr, ...client.defaultAcrValues]) {
    if (acr === undefined || treeOfAcr.has(acr)) continue;
    const problem = `asks for ${acr}, which loaMapping of the provider does not map to a journey`;
    if (acr === client.requiredAcr) read.find(ADVANCED, 'customProperties', `${problem}: nobody can sign in`);
    else read.find('coreOpenIDClientConfig', 'defaultAcrValues', problem);
  }
  if (read.flag(OVERRIDES, 'providerOverridesEnabled')) findOverrides(read);
};

const findProof = (read: DocumentReader<typeof CLIENT_SECTIONS>, client: OAuthClient): void => {
  const { authMethod, isPublic, secrets, keys } = client;
  if (isPublic) return;
  if (authMethod === 'private_key_jwt') {
    if (keys === undefined) {
      read.find(SIGNING, 'publicKeyLocation', 'leads to no keys, and the client proves itself by one');
    }
  } else if (secrets.length === 0) {
    const problem = 'is unset: the secret did not come along, and the client cannot prove itself without';
    read.find(CORE, 'userpassword', problem);
  }
};

const findCryptography = (read: DocumentReader<typeof CLIENT_SECTIONS>): void => {
  if (read.flag(SIGNING, 'idTokenEncryptionEnabled')) {
    read.find(SIGNING, 'idTokenEncryptionEnabled', 'is on; ID tokens are signed and not encrypted here');
  }
  for (const name of ['userinfoResponseFormat', 'tokenIntrospectionResponseFormat'] as const) {
    const format = read.text(SIGNING, name) ?? 'JSON';
    if (format !== 'JSON') read.find(SIGNING, name, `is ${format}; the answer is JSON here`);
  }
  if (read.flag(SIGNING, 'mTLSCertificateBoundAccessTokens')) {
    read.find(SIGNING, 'mTLSCertificateBoundAccessTokens', 'is on; tokens are bound by DPoP here, not by certificates');
  }
};

const findOverrides = (read: DocumentReader<typeof CLIENT_SECTIONS>): void => {
  const unused = [
    ['enableRemoteConsent', 'people are asked by our own page'],
    ['usePolicyEngineForScope', 'policies do not decide about scopes here, and the scopes of the client decide'],
    ['tokenEncryptionEnabled', 'tokens are not encrypted here'],
  ] as const;
  for (const [name, instead] of unused) {
    if (read.flag(OVERRIDES, name)) read.find(OVERRIDES, name, `is on; ${instead}`);
  }
  findForeignPlugins(read, OVERRIDES);
};
