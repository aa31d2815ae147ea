import type { ProviderWorld } from '../provider-world.ts';
import { BYE, CLIENTS, type ClientSpec, isPublic, keySetOfClient, responseTypesOf, SCOPES, SECRET } from './clients.ts';
import { type Peer, rememberedBrowser } from './peer.ts';

/** A client as AM's REST has it. */
const documentOf = (spec: ClientSpec): object => {
  const { method, redirectUris, grants, isNative, requiresPar, requiresDpop } = spec;
  return {
    coreOAuth2ClientConfig: {
      clientType: isPublic(spec) ? 'Public' : 'Confidential',
      ...(method.startsWith('client_secret') && { userpassword: SECRET }),
      redirectionUris: redirectUris,
      loopbackInterfaceRedirection: isNative === true,
      scopes: SCOPES,
    },
    advancedOAuth2ClientConfig: {
      grantTypes: grants,
      responseTypes: responseTypesOf(spec),
      tokenEndpointAuthMethod: method,
      isConsentImplied: true,
      require_pushed_authorization_requests: requiresPar === true,
      customProperties: requiresDpop === true ? ['assent.dpop=required'] : [],
    },
    coreOpenIDClientConfig: { postLogoutRedirectUri: redirectUris.length === 0 ? [] : [BYE] },
    signEncOAuth2ClientConfig:
      method === 'private_key_jwt' ? { publicKeyLocation: 'jwks', jwkSet: JSON.stringify(keySetOfClient()) } : {},
  };
};

/** Assent, with the clients of the corpus in a realm of their own. */
export const assentPeer = async (world: ProviderWorld): Promise<Peer> => {
  const realm = '/oracle';
  await world.addRealm(realm, ['ada', 'bob']);
  for (const [id, spec] of Object.entries(CLIENTS)) {
    await world.administer('PUT', `agents/OAuth2Client/${id}`, documentOf(spec), realm);
  }
  const newBrowser: Peer['newBrowser'] = async (user = 'ada') =>
    `iPlanetDirectoryPro=${await world.session(realm, user)}`;
  return {
    issuer: world.issuer(realm),
    loginPage: `${world.am}/login`,
    now: async () => Math.floor((await world.now()) / 1_000),
    question: async () => 'login',
    browser: rememberedBrowser(newBrowser),
    newBrowser,
  };
};
