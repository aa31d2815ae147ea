import type { OAuthPage } from '@assent/oidc';
import type { AppOnPage, OAuthScreen } from '@assent/wire';
import {
  MAX_NAME,
  MAX_TEXT,
  nameOrId,
  oneLine,
  type Reader,
  shownScope,
  shownText,
} from '../clients/texts-for-readers.ts';
import { logoProblem } from '../realms/realm-brand.ts';
import { readLogo } from '../realms/realm-logo.ts';

/** An address that a link may lead to; undefined for whatever is none of the web. */
const linkTo = (uri: string | undefined): string | undefined => {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const { protocol, href } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
};

/**
 * The picture of an application, by the rules for that of a realm. Only one that is a `data:` URI is shown: to load it from
 * elsewhere would tell that place who is about to sign in, and would let it change what people recognise the application by.
 */
const logoOf = (uri: string | undefined): AppOnPage['logo'] => {
  if (uri === undefined || logoProblem(uri) !== undefined) return undefined;
  const logo = readLogo(uri);
  return logo && { src: uri, ...logo.size };
};

type Client = Extract<OAuthPage, { readonly kind: 'consent' }>['client'];

const appOf = (client: Client, reader: Reader): AppOnPage => {
  const description = shownText(client.description, reader, MAX_TEXT);
  const [policyUri, termsUri] = [linkTo(client.policyUri), linkTo(client.termsUri)];
  const logo = logoOf(client.logoUri);
  return {
    name: nameOrId(client, reader),
    ...(description !== undefined && { description }),
    ...(logo !== undefined && { logo }),
    ...(policyUri !== undefined && { policyUri }),
    ...(termsUri !== undefined && { termsUri }),
  };
};

/** What a page of the provider shows to a reader. Fields go on as they are; they are for the server and for nobody's eyes. */
export const oauthScreen = (page: OAuthPage, reader: Reader): OAuthScreen => {
  switch (page.kind) {
    case 'consent': {
      const { client, username, scopes, fields, formTarget } = page;
      const { host } = new URL(formTarget);
      return {
        kind: 'consent',
        app: appOf(client, reader),
        username: oneLine(username, MAX_NAME),
        scopes: scopes.map((scope) => shownScope(scope, reader)),
        fields,
        ...(host !== '' && { host }),
      };
    }
    case 'deviceConsent': {
      const { client, username, scopes, userCode, fields } = page;
      return {
        kind: 'deviceConsent',
        app: appOf({ ...client, description: {} }, reader),
        username: oneLine(username, MAX_NAME),
        scopes: scopes.map((scope) => shownScope(scope, reader)),
        userCode: oneLine(userCode, MAX_NAME),
        fields,
      };
    }
    case 'formPost': {
      const { host, protocol } = new URL(page.action);
      return { ...page, host: host === '' ? protocol : host };
    }
    case 'error':
      return { kind: 'error', code: page.code, description: oneLine(page.description, MAX_TEXT) };
    case 'deviceCode':
      return page.userCode === undefined ? page : { ...page, userCode: oneLine(page.userCode, MAX_NAME) };
    default:
      return page;
  }
};
