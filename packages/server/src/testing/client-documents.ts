import type { ClientDocument } from '@assent/engine/host';
import { readClient } from '../clients/client-of-document.ts';
import { readProvider } from '../clients/provider-of-document.ts';
import { newRealmSettings } from '../realms/realm-defaults.ts';

/** Documents of clients and providers as AM exports them, a section each. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const realm = newRealmSettings('/', 'http://localhost:8080/am');
export const ISSUER = 'http://localhost:8080/am/oauth2/realms/root';
const HALF = 'A'.repeat(43);
export const KEY_SET = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x: HALF, y: HALF }] });

export const providerOf = (document: Sections) => readProvider(document, realm, ISSUER, () => []);

/** The client of a document, with what is found of it, beside a provider. */
export const read = (document: Sections, provider: Sections = {}, given: Partial<ClientDocument> = {}) =>
  readClient({ realm: '/', id: 'app', document, ...given }, providerOf(provider));

export const core = (attributes: object, given: object = {}): Sections => ({
  coreOAuth2ClientConfig: { ...attributes },
  ...given,
});
export const advanced = (attributes: object): Sections => core({}, { advancedOAuth2ClientConfig: attributes });
export const signing = (attributes: object): Sections => core({}, { signEncOAuth2ClientConfig: attributes });
export const openId = (attributes: object): Sections => core({}, { coreOpenIDClientConfig: attributes });
export const overrides = (attributes: object): Sections =>
  core({}, { overrideOAuth2ClientConfig: { providerOverridesEnabled: true, ...attributes } });
export const own = (value: unknown) => ({ inherited: false, value });
