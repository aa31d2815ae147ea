import { heldKeys, seededRandom } from '@assent/engine/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HandleKind, type HandleKinds, Handles } from './handles.ts';

const secret = (id: string, seed: number) => ({ id, bytes: seededRandom(seed).bytes(32) });
const handles = new Handles(heldKeys(secret('1', 1)));

const GRANT = 'AAECAwQFBgcICQoLDA0ODw';
const ISSUED = 1_768_478_400;
const SAMPLES: { readonly [Kind in HandleKind]: HandleKinds[Kind] } = {
  code: { grantId: GRANT },
  refresh: { grantId: GRANT, no: 7 },
  access: { grantId: GRANT, no: 7, issuedAt: ISSUED, lifetime: 3_600 },
  client: { id: GRANT, clientId: 'reports', scopes: ['read', 'write'], issuedAt: ISSUED, lifetime: 3_600 },
};
const KINDS = Object.keys(SAMPLES) as readonly HandleKind[];
const made = (kind: HandleKind, realm = '/', by = handles) => by.make(realm, kind, SAMPLES[kind]);

describe('what was not made here', () => {
  test.each(KINDS.flatMap((made) => KINDS.filter((it) => it !== made).map((asked) => [made, asked] as const)))(
    'a handle of kind %s opens as no %s (OIDC-05)',
    (kind, asked) => {
      expect(handles.open('/', made(kind), asked)).toBeUndefined();
      // With the letter of the other kind in front of it neither, since the MAC is over the kind.
      expect(handles.open('/', made(asked).slice(0, 1) + made(kind).slice(1), asked)).toBeUndefined();
    },
  );

  test.each(KINDS)('a %s of one realm does nothing in another (OIDC-13)', (kind) => {
    const text = made(kind, '/alpha');
    expect(handles.open('/alpha', text, kind)).toEqual(SAMPLES[kind]);
    for (const realm of ['/', '/beta', '/alph', '/alpha/b', ''])
      expect(handles.open(realm, text, kind)).toBeUndefined();
  });

  test.each(KINDS)('no sign of a %s can be another', (kind) => {
    const text = made(kind);
    for (let at = 0; at < text.length; at += 1) {
      for (const sign of ['A', 'b', '0', '.', '-', '=', ' ', '\n', '\u0130']) {
        if (text[at] === sign) continue;
        expect(handles.open('/', text.slice(0, at) + sign + text.slice(at + 1), kind)).toBeUndefined();
      }
    }
  });

  test('another spelling of the MAC is another handle, so that each has one text alone', () => {
    for (let no = 1; no < 200; no += 1) {
      const text = handles.make('/', 'refresh', { grantId: GRANT, no });
      const respelt = text.replaceAll('-', '+').replaceAll('_', '/');
      if (respelt !== text) expect(handles.open('/', respelt, 'refresh')).toBeUndefined();
      expect(handles.open('/', `${text}=`, 'refresh')).toBeUndefined();
    }
  });

  test('a handle under another secret opens nothing, whatever it calls that secret', () => {
    for (const kind of KINDS) {
      expect(handles.open('/', made(kind, '/', new Handles(heldKeys(secret('1', 2)))), kind)).toBeUndefined();
      expect(handles.open('/', made(kind, '/', new Handles(heldKeys(secret('2', 1)))), kind)).toBeUndefined();
    }
  });

  test('a text without end is looked at no further', () => {
    expect(handles.open('/', `a1.${'x'.repeat(8_192)}`, 'access')).toBeUndefined();
  });

  test('of any text, none opens', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[acrs]1\.[\w.-]{0,80}$/));
    fc.assert(
      fc.property(text, fc.constantFrom(...KINDS), (it, kind) => handles.open('/', it, kind) === undefined),
      { numRuns: 2_000 },
    );
  });

  test('of a million that are forged, none opens', () => {
    const random = seededRandom(99);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const noise = Buffer.from(random.bytes(64 * 1_024)).toString('base64url');
    const bodies = KINDS.map((kind) => [kind, made(kind).slice(0, -32)] as const);
    let opened = 0;
    for (let at = 0; at < 1_000_000; at += 1) {
      const [kind, body] = bodies[at % bodies.length] ?? ['code', ''];
      const mac = noise.slice(at % 65_536, (at % 65_536) + 31) + alphabet[at % 64];
      // One in ten looks right up to its MAC, which is then computed; the others are told by their form.
      const text = at % 10 === 0 ? body + mac : at % 2 === 0 ? `${body}${mac}A` : `${body.slice(1)}${mac}`;
      if (handles.open('/', text, kind) !== undefined) opened += 1;
    }
    expect(opened).toBe(0);
  });
});

describe('what was made here', () => {
  test.each(KINDS)('a %s says what it was made of, in signs that need no escape in an address', (kind) => {
    expect(made(kind)).toMatch(/^[\w.-]{50,400}$/);
    expect(handles.open('/', made(kind), kind)).toEqual(SAMPLES[kind]);
  });

  test('the same handle is the same text, so that a lost answer is answered with the same successor', () => {
    for (const kind of KINDS) expect(made(kind)).toBe(made(kind, '/', new Handles(heldKeys(secret('1', 1)))));
  });

  test.each([[[]], [[0]], [[0, 3, 71]]])('a narrowed access token says which scopes are left: %j', (scopes) => {
    const access = { ...SAMPLES.access, scopes };
    expect(handles.open('/', handles.make('/', 'access', access), 'access')).toEqual(access);
  });

  test('whatever a client is called and asks for comes back as it was', () => {
    const scope = fc.stringMatching(/^[!#-[\]-~]{1,20}$/);
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.array(scope, { maxLength: 8 }),
        fc.option(fc.stringMatching(/^[\w-]{22}$/), { nil: undefined }),
        (clientId, scopes, generation) => {
          const client = { ...SAMPLES.client, clientId, scopes, ...(generation && { generation }) };
          expect(handles.open('/', handles.make('/', 'client', client), 'client')).toEqual(client);
        },
      ),
    );
  });

  test('handles of the secret before open beside those of the new one', () => {
    const both = new Handles(heldKeys(secret('2', 2), secret('1', 1)));
    for (const kind of KINDS) {
      expect(both.open('/', made(kind), kind)).toEqual(SAMPLES[kind]);
      expect(made(kind, '/', both)).toMatch(/^[acrs]2\./);
    }
  });
});
