import { pathOf, ROUTE_ROWS, type RouteRow } from './route-rows.ts';
import { headersOf, type WildRequest } from './wild-requests.ts';

/** The size that SEC-94 names; with what stands around it, it is just below the limit of a body. */
export const LARGE_BYTES = 64_000;
/** As much as the HTTP parser lets through in an address and in headers; what is larger, it refuses for all routes. */
const HEAD_BYTES = 14_000;

/** As large as what phones send may be. */
const MESSAGE_BYTES = 16_000;
/** As large as the forms of OAuth may be; what is larger, is refused for all of them before it is read. */
const FORM_BYTES = 16_000;

/** A text that some reader takes long for, if it goes over it again and again. */
interface Shape {
  readonly what: string;
  readonly of: (bytes: number) => string;
  /** As it stands in addresses and forms; escaped where absent. */
  readonly inAddress?: (bytes: number) => string;
  /** As a value in a JSON text; a string where absent. */
  readonly inJson?: (bytes: number) => string;
}

const fill = (piece: string, bytes: number): string => piece.repeat(bytes / piece.length);
const half = (opens: string, closes: string, bytes: number): string => {
  const depth = Math.floor(bytes / (opens.length + closes.length));
  return opens.repeat(depth) + closes.repeat(depth);
};
const base64Url = (text: string): string => Buffer.from(text).toString('base64url');

const repeated = (piece: string): Shape => ({ what: JSON.stringify(piece), of: (bytes) => fill(piece, bytes) });
const json = (what: string, of: Shape['of']): Shape => ({ what, of, inJson: of });
/** Three quarters of it is what the parts of a token say, half of that each. */
const token = (bytes: number): string => {
  const deep = half('[', ']', bytes * 0.36);
  return `${base64Url(`{"alg":"ES256","typ":"dpop+jwt","jwk":${deep}}`)}.${base64Url(`{"sub":${deep}}`)}.AAAA`;
};

/** Each parameter is sent all of these. */
const WORST: readonly Shape[] = [
  json('nested lists', (bytes) => half('[', ']', bytes)),
  json('nested objects', (bytes) => half('{"a":', '}', bytes - 1).replace('}', '1}')),
  { what: 'a token of nested lists', of: token },
  { what: 'percent signs', of: (bytes) => fill('%', bytes), inAddress: (bytes) => fill('%', bytes) },
  ...['<a href="', ' '].map(repeated),
];
/** Each parameter gets one of these as well, in turn. */
const FURTHER: readonly Shape[] = [
  json('a long number', (bytes) => fill('1', bytes)),
  json('a list of lists', (bytes) => `[${fill('[],', bytes - 4)}1]`),
  {
    what: 'half characters',
    of: (bytes) => fill('\u00e9', bytes),
    inAddress: (bytes) => fill('%ED%A0%80', bytes),
    inJson: (bytes) => `"${fill('\\ud800', bytes - 2)}"`,
  },
  ...['"', '\\', '.', ','].map(repeated),
  ...[
    '*',
    '&',
    '=',
    ';',
    '(',
    '/',
    "'",
    'a',
    'A=',
    '../',
    'id=a,',
    'a;q=0.1,',
    '&{a}',
    '{{',
    '<!--',
    '[',
    '\t',
    '|',
    'a@',
    '::',
  ].map(repeated),
];

/** A part of a request that a shape is put into. */
interface Place {
  readonly key: string;
  readonly row: RouteRow;
  readonly what: string;
  readonly bytes: number;
  /** Read by the same code for all routes. */
  readonly isCommon?: boolean;
  readonly request: (shape: Shape, bytes: number) => WildRequest;
}

/** A shape at a place, half as large where that is asked for. */
export interface Shaped {
  readonly what: string;
  readonly key: string;
  readonly row: RouteRow;
  readonly request: (part: 1 | 0.5) => WildRequest;
}

const escaped = (text: string): string =>
  text.replace(/[%&+=#?\s\u0080-\u{10ffff}]/gu, (character) => encodeURIComponent(character));
const inAddress = ({ of, inAddress: own }: Shape, bytes: number): string => {
  if (own !== undefined) return own(bytes);
  const grows = escaped(of(300)).length / of(300).length;
  return escaped(of(Math.floor(bytes / Math.max(1, grows))));
};
const inJson = ({ of, inJson: own }: Shape, bytes: number): string => {
  if (own !== undefined) return own(bytes);
  const grows = Buffer.byteLength(JSON.stringify(of(300))) / of(300).length;
  return JSON.stringify(of(Math.floor(bytes / Math.max(1, grows))));
};
/** No line ends, and no letters that a header cannot have. */
const inHeader = ({ of }: Shape, bytes: number): string => of(bytes).replace(/[^\t\x20-\x7e\u0080-\u00ff]/g, '?');

const MARK = 'the shape goes here';

/** The texts of a JSON value with one of its values replaced by the mark, by the way to it. */
function* marked(value: unknown, way = ''): Generator<readonly [way: string, value: unknown]> {
  yield [way, MARK];
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    for (const [inner, it] of marked((value as Readonly<Record<string, unknown>>)[name], `${way}/${name}`)) {
      const copy: unknown = Array.isArray(value)
        ? value.map((own: unknown, at) => (String(at) === name ? it : own))
        : { ...value, [name]: it };
      yield [inner, copy];
    }
  }
  if (!Array.isArray(value)) yield [`${way}/some-member`, { ...value, 'some-member': MARK }];
}

const asText = (parameters: Readonly<Record<string, string>>, but: string): string =>
  Object.entries(parameters)
    .filter(([name]) => name !== but)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}&`)
    .join('');

const CLIENT = {
  client_id: 'demo-app',
  redirect_uri: 'http://127.0.0.1:3000/callback',
  response_type: 'code',
  scope: 'openid',
  code_challenge: 'a'.repeat(43),
  code_challenge_method: 'S256',
};
/** What applications send in addition to what the rows have: the names are in no table. */
const OF_OAUTH = [
  ...['acr_values', 'authorization_details', 'claims', 'client_assertion', 'client_assertion_type', 'client_secret'],
  ...['code_verifier', 'csrf', 'decision', 'device_code', 'dpop_jkt', 'id_token_hint', 'login_hint', 'logout_hint'],
  ...['max_age', 'nonce', 'post_logout_redirect_uri', 'prompt', 'refresh_token', 'request', 'request_uri', 'resource'],
  ...['response_mode', 'state', 'subject_token', 'token_type_hint', 'ui_locales', 'user_code'],
];
/** Where those are read one by one; other routes of OAuth are sent a few. */
const READS_ALL = ['GET /oauth2/authorize', 'POST /oauth2/par', 'POST /oauth2/access_token'];
const OF_API = ['_action', '_fields', '_queryFilter', 'goto', 'realm', 'locale', 'some-name'];
/** So many that each header is sent each shape by some route. */
const HEADERS_OF_ROUTE = 5;
/** A start of each header that is read by its parts. */
const HEADERS: Readonly<Record<string, string>> = {
  accept: '',
  'accept-api-version': 'protocol=1.0,resource=',
  'accept-language': '',
  authorization: 'Bearer ',
  cookie: 'iPlanetDirectoryPro=',
  currentpassword: '',
  'content-type': 'application/json;',
  dpop: '',
  forwarded: 'for=',
  'if-match': '',
  'if-none-match': '',
  iplanetdirectorypro: '',
  'last-event-id': '',
  origin: 'https://',
  referer: 'https://',
  traceparent: '00-',
  'user-agent': '',
  'x-assent-authid': '',
  'x-forgerock-transactionid': '',
  'x-forwarded-for': '',
  'x-forwarded-host': '',
  'x-openam-password': '',
  'x-openam-username': '',
  'x-requested-with': '',
};

function* placesOf(key: string, row: RouteRow): Generator<Place> {
  const [method = '', pattern = ''] = key.split(' ');
  const isOAuth = pattern.startsWith('/oauth2/');
  const { names = {}, body } = row;
  const query = isOAuth && method !== 'POST' && row.query ? { ...row.query, ...CLIENT } : (row.query ?? {});
  const form = isOAuth && row.form ? { ...CLIENT, ...row.form, client_id: CLIENT.client_id } : row.form;
  const headers = headersOf(row, {});
  const path = encodeURI(pathOf(pattern, names));
  const text = body === undefined ? form && asText(form, '') : JSON.stringify(body);
  const usual = { method, headers, ...(text !== undefined && method !== 'GET' && { body: text }) };
  const address = (own = '', way = path) => `${way}?${asText(query, own.split('=', 1)[0] ?? '')}${own}`;
  const others = READS_ALL.includes(key) ? [] : [...OF_OAUTH, 'some-name'];
  const place = (what: string, name: string, bytes: number, request: Place['request']): Place => ({
    key,
    row,
    what: `${what} ${name || 'itself'}`,
    bytes,
    isCommon: others.includes(name) || (what === 'parameter' && !Object.hasOwn(query, name) && !isOAuth),
    request,
  });

  for (const name of new Set([...Object.keys(query), ...(isOAuth && method === 'GET' ? OF_OAUTH : []), ...OF_API])) {
    yield place('parameter', name, HEAD_BYTES, (shape, bytes) => ({
      ...usual,
      what: name,
      path: address(`${name}=${inAddress(shape, bytes)}`),
    }));
  }
  for (const name of Object.keys(names)) {
    const around = encodeURI(pathOf(pattern.replace(`:${name}`, '~~'), names));
    yield place('segment', name, HEAD_BYTES, (shape, bytes) => ({
      ...usual,
      what: name,
      path: address(
        '',
        around.replace('~~', () => inAddress(shape, bytes).replaceAll('/', '%2f')),
      ),
    }));
  }
  if (method === 'GET' || method === 'HEAD') return;
  for (const [way, value] of body === undefined ? [] : marked(body)) {
    const [before = '', after = ''] = JSON.stringify(value).split(JSON.stringify(MARK));
    yield place('member', way, key.startsWith('POST /json/push/') ? MESSAGE_BYTES : LARGE_BYTES, (shape, bytes) => ({
      ...usual,
      body: before + inJson(shape, bytes - before.length - after.length) + after,
      what: way,
      path: address(),
    }));
  }
  if (form === undefined) return;
  for (const name of new Set([...Object.keys(form), ...(isOAuth ? OF_OAUTH : ['some-name'])])) {
    yield place('field', name, isOAuth ? FORM_BYTES : LARGE_BYTES, (shape, bytes) => {
      const before = asText(form, name);
      return {
        ...usual,
        body: `${before}${name}=${inAddress(shape, bytes - before.length)}`,
        what: name,
        path: address(),
      };
    });
  }
  for (const [name, says] of Object.entries(form)) {
    if (!says.startsWith('{')) continue;
    const before = `${asText(form, name)}${name}=`;
    for (const [way, value] of marked(JSON.parse(says))) {
      const around = escaped(JSON.stringify(value)).split(escaped(JSON.stringify(MARK)));
      yield place('field', `${name}${way}`, LARGE_BYTES, (shape, bytes) => {
        const room = bytes - before.length - around.join('').length;
        // Escaped it may be three times as long.
        const text = escaped(inJson(shape, room));
        const given = text.length > room ? escaped(inJson(shape, Math.floor((room * room) / text.length))) : text;
        return { ...usual, body: `${before}${around.join(given)}`, what: way, path: address() };
      });
    }
  }
}

const headerOf = (key: string, row: RouteRow, name: string): Place => {
  const [method = '', pattern = ''] = key.split(' ');
  return {
    key,
    row,
    what: `header ${name}`,
    bytes: HEAD_BYTES,
    request: (shape, bytes) => ({
      method,
      headers: { ...headersOf(row, {}), [name]: HEADERS[name] + inHeader(shape, bytes) },
      ...(method !== 'GET' && method !== 'HEAD' && { body: '{}' }),
      what: name,
      path: encodeURI(pathOf(pattern, row.names ?? {})),
    }),
  };
};

const shaped = (place: Place, shape: Shape): Shaped => ({
  what: `${place.key}: ${place.what}: ${shape.what}`,
  key: place.key,
  row: place.row,
  request: (part) => place.request(shape, Math.floor(place.bytes * part)),
});

/** So many of a list that goes round, each time the next ones. */
const goingRound = <T>(items: readonly T[]) => {
  let at = 0;
  return (count: number): readonly T[] =>
    Array.from({ length: count }, () => {
      at += 1;
      return items[at % items.length] as T;
    });
};

const isAnonymous = ({ as = 'nobody' }: RouteRow): boolean => as !== 'user' && as !== 'administrator';

/**
 * Requests without a session, with a shape in one place. Each place of a route that is for callers without one is sent each of the worst shapes;
 * what one code reads for all routes, which is their headers, and what stands behind a session, is sent a few of all, each another few.
 */
export function* worstRequests(): Generator<Shaped> {
  const all = goingRound([...WORST, ...FURTHER]);
  const further = goingRound(FURTHER);
  const headers = goingRound(Object.keys(HEADERS));
  for (const [key, rows] of Object.entries(ROUTE_ROWS)) {
    for (const [at, row] of rows.entries()) {
      for (const place of placesOf(key, row)) {
        const isOwn = isAnonymous(row) && place.isCommon !== true;
        for (const shape of isOwn ? [...WORST, ...further(1)] : all(1)) yield shaped(place, shape);
      }
      if (at > 0) continue;
      for (const place of headers(HEADERS_OF_ROUTE).map((name) => headerOf(key, row, name))) {
        yield* all(1).map((shape) => shaped(place, shape));
      }
    }
  }
}
