import { type DocumentSections, ownValue } from '@assent/wire';
import { isLoopback } from '../settings/loopback.ts';
import { originOf } from './redirect-uris.ts';

/**
 * What an application is: a page without a server of its own, a program on a device, a server that people use, one that asks in its own
 * name, or what people sign in to with the browser of another device.
 */
export type ClientKind = 'spa' | 'native' | 'web' | 'service' | 'device';

/** Of each kind: how it gets tokens, and by that how it is answered. */
const GRANTS_OF: Readonly<Record<ClientKind, readonly string[]>> = {
  spa: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  web: ['authorization_code', 'refresh_token'],
  service: ['client_credentials'],
  device: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
};

/** What is on the devices of people can keep no secret. */
export const isPublicKind = (kind: ClientKind): boolean => kind === 'spa' || kind === 'native' || kind === 'device';

/** Whether people come back to it in the browser in which they have signed in. */
export const comesBackInBrowser = (kind: ClientKind): boolean => GRANTS_OF[kind].includes('authorization_code');

export interface NewClient {
  readonly kind: ClientKind;
  readonly name?: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly backchannelLogoutUri?: string;
  /** Whether addresses on this machine stand for all its ports; a program on a device gets whichever is free (RFC 8252 §7.3). */
  readonly anyLoopbackPort?: boolean;
  readonly scopes: readonly string[];
  /** A class that every sign-in must meet. */
  readonly requiredAcr?: string;
  readonly algorithm?: 'RS256' | 'ES256';
  readonly asksConsent?: boolean;
}

const isLoopbackUri = (uri: string): boolean => URL.canParse(uri) && isLoopback(new URL(uri).hostname);

/** Only settings that have a value; the rest is as AM has it. */
const section = (attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, ownValue(value)]])),
  );

/** The document of a client as this server would have one: a code with PKCE, never a token in an address (RFC 9700). */
export const newClientDocument = (client: NewClient): DocumentSections => {
  const { kind, redirectUris } = client;
  const isPublic = isPublicKind(kind);
  const isService = kind === 'service';
  const origins = redirectUris.flatMap((uri) => (URL.canParse(uri) ? (originOf(new URL(uri).origin) ?? []) : []));
  return {
    coreOAuth2ClientConfig: section({
      status: 'Active',
      clientType: isPublic ? 'Public' : 'Confidential',
      clientName: client.name === undefined ? undefined : [client.name],
      redirectionUris: redirectUris,
      loopbackInterfaceRedirection: client.anyLoopbackPort ?? (kind === 'native' && redirectUris.some(isLoopbackUri)),
      scopes: client.scopes,
      defaultScopes: isService ? undefined : client.scopes.filter((scope) => scope !== 'offline_access'),
    }),
    advancedOAuth2ClientConfig: section({
      grantTypes: GRANTS_OF[kind],
      responseTypes: comesBackInBrowser(kind) ? ['code', 'id_token', 'none'] : [],
      tokenEndpointAuthMethod: isPublic ? 'none' : 'client_secret_basic',
      isConsentImplied: client.asksConsent !== true,
      // Its pages call us from there; a server needs no such leave.
      javascriptOrigins: kind === 'spa' ? [...new Set(origins)] : undefined,
      customProperties: client.requiredAcr === undefined ? undefined : [`assent.requiredAcr=${client.requiredAcr}`],
    }),
    coreOpenIDClientConfig: section({
      postLogoutRedirectUri: client.postLogoutRedirectUris,
      backchannel_logout_uri: client.backchannelLogoutUri,
    }),
    signEncOAuth2ClientConfig: section({ idTokenSignedResponseAlg: client.algorithm ?? 'RS256' }),
  };
};
