import { type RealmSettings, selectText } from '@assent/engine';
import type { LocalizedText, OAuthPage, ScopeText } from '@assent/oidc';
import { cleanText, cutText } from '@assent/push/protocol';
import type { AppOnPage, OAuthScreen, ScopeOnPage } from '@assent/wire';
import { logoProblem } from '../realms/realm-brand.ts';
import { readLogo } from '../realms/realm-logo.ts';

/** Who reads a page: the languages, best first, and the realm whose language is the next best. */
export interface Reader {
  readonly languages: readonly string[];
  readonly realm: Pick<RealmSettings, 'locale'>;
}

/** The longest texts of others that a page shows, in UTF-16 units: its buttons stay in sight. */
const MAX_NAME = 80;
const MAX_TEXT = 300;

/** Something that is seen: a name of blanks and of characters without any width would be none. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** A text of somebody else in one line that can be told from ours: nothing in it turns, breaks or hides what is around it. */
const oneLine = (text: string, most: number): string => {
  const clean = cleanText(text);
  return clean.length <= most ? clean : `${cutText(clean, most).trimEnd()}…`;
};

const seen = (text: string | undefined, most: number): string | undefined => {
  const clean = text === undefined ? '' : oneLine(text, most);
  return VISIBLE.test(clean) ? clean : undefined;
};

/** The translation that a reader reads, else the text for everybody (`''`), else the realm's, else any. */
const textFor = (texts: LocalizedText, { languages, realm }: Reader): string | undefined => {
  const { '': usual, ...translated } = texts;
  return (
    selectText(translated, languages, 'bundled', []) ??
    usual ??
    selectText(translated, languages, 'realm-then-first', [realm.locale])
  );
};

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
  const description = seen(textFor(client.description, reader), MAX_TEXT);
  const [policyUri, termsUri] = [linkTo(client.policyUri), linkTo(client.termsUri)];
  const logo = logoOf(client.logoUri);
  return {
    name: seen(textFor(client.name, reader), MAX_NAME) ?? oneLine(client.id, MAX_NAME),
    ...(description !== undefined && { description }),
    ...(logo !== undefined && { logo }),
    ...(policyUri !== undefined && { policyUri }),
    ...(termsUri !== undefined && { termsUri }),
  };
};

const scopeOf = ({ name, text }: ScopeText, reader: Reader): ScopeOnPage => {
  const own = text && seen(textFor(text, reader), MAX_TEXT);
  return { name: oneLine(name, MAX_NAME), ...(own !== undefined && { text: own }) };
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
        scopes: scopes.map((scope) => scopeOf(scope, reader)),
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
        scopes: scopes.map((scope) => scopeOf(scope, reader)),
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
