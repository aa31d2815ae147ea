import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A sealed secret of the store that handles are made with; its id stands in every handle. */
export interface HandleSecret {
  /** Letters and digits. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The secrets there are at this moment; others come, and old ones go, while the server runs. */
export interface HandleSecrets {
  /** The one that new handles are made with. */
  active(): HandleSecret;
  /** One of that id, where its handles are still good. */
  find(id: string): Uint8Array | undefined;
}

/** What an application carries about, and what it says of itself (spec: oidc §5.1). */
export interface HandleKinds {
  readonly code: { readonly grantId: string };
  readonly refresh: { readonly grantId: string; readonly no: number };
  readonly access: {
    readonly grantId: string;
    readonly no: number;
    /** Seconds, as in a JWT. */
    readonly issuedAt: number;
    /** Seconds. */
    readonly lifetime: number;
    /** Where the client asked for less than was granted: the places of its scopes among those of the grant. */
    readonly scopes?: readonly number[];
  };
  /** An access token of a client for itself: there is no grant, so all that counts is in it. */
  readonly client: {
    /** 128 bits, base64url: what is kept of it once it is revoked. */
    readonly id: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
    readonly issuedAt: number;
    readonly lifetime: number;
    /** Of the client when it got the token; 128 bits, base64url. */
    readonly generation?: string;
  };
}

export type HandleKind = keyof HandleKinds;

interface Codec<Kind extends HandleKind> {
  readonly letter: string;
  readonly write: (handle: HandleKinds[Kind]) => readonly string[];
  /** Reads what {@link write} wrote, which the MAC has proven. */
  readonly read: (fields: readonly string[]) => HandleKinds[Kind];
}

const number = (value: number): string => value.toString(36);
const parseNumber = (text = ''): number => Number.parseInt(text, 36);
const words = (text: string): string => Buffer.from(text).toString('base64url');
const parseWords = (text = ''): string => Buffer.from(text, 'base64url').toString();

const CODECS: { readonly [Kind in HandleKind]: Codec<Kind> } = {
  code: {
    letter: 'c',
    write: ({ grantId }) => [grantId],
    read: ([grantId = '']) => ({ grantId }),
  },
  refresh: {
    letter: 'r',
    write: ({ grantId, no }) => [grantId, number(no)],
    read: ([grantId = '', no]) => ({ grantId, no: parseNumber(no) }),
  },
  access: {
    letter: 'a',
    write: ({ grantId, no, issuedAt, lifetime, scopes }) => [
      grantId,
      number(no),
      number(issuedAt),
      number(lifetime),
      ...(scopes ? [scopes.map(number).join('-')] : []),
    ],
    read: ([grantId = '', no, issuedAt, lifetime, scopes]) => ({
      grantId,
      no: parseNumber(no),
      issuedAt: parseNumber(issuedAt),
      lifetime: parseNumber(lifetime),
      ...(scopes !== undefined && { scopes: scopes === '' ? [] : scopes.split('-').map(parseNumber) }),
    }),
  },
  client: {
    letter: 's',
    write: ({ id, clientId, scopes, issuedAt, lifetime, generation }) => [
      id,
      words(clientId),
      words(scopes.join(' ')),
      number(issuedAt),
      number(lifetime),
      ...(generation === undefined ? [] : [generation]),
    ],
    read: ([id = '', clientId, scopes, issuedAt, lifetime, generation]) => ({
      id,
      clientId: parseWords(clientId),
      scopes: parseWords(scopes).split(' ').filter(Boolean),
      issuedAt: parseNumber(issuedAt),
      lifetime: parseNumber(lifetime),
      ...(generation !== undefined && { generation }),
    }),
  },
};

/** Longer text is no handle, and nothing is computed over it. */
const MAX_HANDLE_LENGTH = 8_192;

/** 192 bits. */
const MAC_BYTES = 24;
const MAC_LENGTH = 32;

const SHAPE = /^[\w.-]+$/;

/**
 * Codes and tokens are handles: text that says what it stands for, under a MAC. So nothing secret is stored, and what was
 * not made here is known without a read (OIDC-05). Whether one is still good is for the row of its grant to say.
 *
 * `<letter of its kind><id of the secret>.<fields>.<MAC>`; the MAC is over the realm and all before it, so that one of another
 * realm or of another kind never opens (OIDC-13).
 */
export class Handles {
  readonly #secrets: HandleSecrets;
  /** To make a key of bytes costs what the MAC does. */
  readonly #keys = new WeakMap<Uint8Array, KeyObject>();

  constructor(secrets: HandleSecrets) {
    this.#secrets = secrets;
  }

  make<Kind extends HandleKind>(realm: string, kind: Kind, handle: HandleKinds[Kind]): string {
    const { letter, write } = CODECS[kind];
    const { id, bytes } = this.#secrets.active();
    const body = [`${letter}${id}`, ...write(handle)].join('.');
    return `${body}.${macOf(this.#keyOf(bytes), realm, body)}`;
  }

  /** What it says; undefined for whatever was not made here, for this realm, as one of that kind. Reads nothing. */
  open<Kind extends HandleKind>(realm: string, text: string, kind: Kind): HandleKinds[Kind] | undefined {
    const { letter, read } = CODECS[kind];
    if (text.length > MAX_HANDLE_LENGTH || !text.startsWith(letter) || !SHAPE.test(text)) return undefined;
    const end = text.length - MAC_LENGTH - 1;
    if (text.lastIndexOf('.') !== end) return undefined;
    const body = text.slice(0, end);
    const [head = '', ...fields] = body.split('.');
    const secret = this.#secrets.find(head.slice(letter.length));
    if (secret === undefined || !isSameText(text.slice(end + 1), macOf(this.#keyOf(secret), realm, body)))
      return undefined;
    return read(fields);
  }

  #keyOf(bytes: Uint8Array): KeyObject {
    const known = this.#keys.get(bytes);
    if (known !== undefined) return known;
    const made = createSecretKey(bytes);
    this.#keys.set(bytes, made);
    return made;
  }
}

/** The line break keeps the two apart: no handle has one. */
const macOf = (secret: KeyObject, realm: string, body: string): string =>
  createHmac('sha256', secret)
    .update(`oauth handle\n${realm}\n${body}`)
    .digest()
    .subarray(0, MAC_BYTES)
    .toString('base64url');

/** In a time that tells nothing about where they differ. As text: of one value there are several spellings in base64url. */
const isSameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
