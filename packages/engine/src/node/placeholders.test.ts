import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultSettings, readSettings, settingsFaults, settingsSchema } from './node-settings.ts';
import {
  type PlaceholderValue,
  plainVariableOfPlaceholder,
  resolvePlaceholders,
  variableOfPlaceholder,
} from './placeholders.ts';
import { secretMeta, secretSettings } from './secret-settings.ts';

const values: Readonly<Record<string, string>> = { 'esv.host': 'mail', 'esv.port': '25', 'esv.json': '{"a":1}' };
const plain = (text: string) => ({ kind: 'plain', text }) as const;
const valueFor = (name: string) => {
  const text = Object.hasOwn(values, name) ? values[name] : undefined;
  return text === undefined ? undefined : plain(text);
};
const NO_SECRETS: ReadonlySet<string> = new Set();

describe('placeholders', () => {
  test.each<[string, unknown, unknown]>([
    ['a text', '&{esv.host}', 'mail'],
    ['a part of a text, more than once', 'smtp://&{esv.host}:&{esv.port}', 'smtp://mail:25'],
    ['a text with a default that is not needed', '&{esv.host|other}', 'mail'],
    ['a default', '&{esv.none|other one}', 'other one'],
    ['an empty default', 'x&{esv.none|}', 'x'],
    ['a whole number', { $int: '&{esv.port}' }, 25],
    ['a number', { $number: '1.5' }, 1.5],
    ['a truth value', { $bool: '&{esv.none|true}' }, true],
    ['a list', { $list: 'a, b,&{esv.host}' }, ['a', 'b', 'mail']],
    ['an array', { $array: '[1,"&{esv.host}"]' }, [1, 'mail']],
    ['an object', { $object: '&{esv.json}' }, { a: 1 }],
    ['a wrapped text', { $string: '&{esv.host}' }, 'mail'],
    ['what does not fit its wrapper', { $int: 'many' }, 'many'],
    ['a value in an array in an object', { a: [{ b: '&{esv.host}' }] }, { a: [{ b: 'mail' }] }],
    ['an object that only looks like a wrapper', { $int: '1', other: 2 }, { $int: '1', other: 2 }],
    ['a wrapper that nobody knows', { $constructor: '1' }, { $constructor: '1' }],
    [
      'what is none',
      ['$', '&', '{x}', '&{}', '&{a b}', null, 1, true],
      ['$', '&', '{x}', '&{}', '&{a b}', null, 1, true],
    ],
  ])('%s', (_, given, expected) => {
    const { settings, missing } = resolvePlaceholders({ setting: given }, valueFor, NO_SECRETS);
    expect([settings, [...missing]]).toEqual([{ setting: expected }, []]);
  });

  test('what has no value is named by setting and stays as it is', () => {
    const given = { host: '&{esv.none}', port: { $int: '&{esv.nope}' }, other: '&{esv.host}' };
    const { settings, missing } = resolvePlaceholders(given, valueFor, NO_SECRETS);
    expect(settings).toEqual({ host: '&{esv.none}', port: '&{esv.nope}', other: 'mail' });
    expect([...missing]).toEqual([
      ['host', 'esv.none'],
      ['port', 'esv.nope'],
    ]);
  });

  test('a value is not looked into for further placeholders', () => {
    const { settings } = resolvePlaceholders(
      { a: '&{x}' },
      (name) => plain(name === 'x' ? '&{secret}' : 'leaked'),
      NO_SECRETS,
    );
    expect(settings).toEqual({ a: '&{secret}' });
  });

  test.each([
    ['esv.smtp.password', 'ESV_SMTP_PASSWORD'],
    ['esv-smtp-password', 'ESV_SMTP_PASSWORD'],
    ['ESV.x_1', 'ESV_X_1'],
    ['assent.master.key', undefined],
    ['path', undefined],
    ['esvx.a', undefined],
  ])('%s takes its value from %s', (name, variable) => {
    expect(variableOfPlaceholder(name)).toBe(variable);
  });

  test.each([
    ['esv.smtp.host', 'ESV_PLAIN_SMTP_HOST'],
    ['esv-plain-smtp-host', 'ESV_PLAIN_SMTP_HOST'],
    ['assent.master.key', undefined],
  ])('%s takes its plain value from %s', (name, variable) => {
    expect(plainVariableOfPlaceholder(name)).toBe(variable);
  });
});

describe('a secret', () => {
  const canary = 'canary-of-the-operator';
  const secretFor = (kind: 'secret' | 'withheld') => () => (kind === 'secret' ? { kind, text: canary } : { kind });
  const marked = new Set(['password']);

  test.each<[string, unknown]>([
    ['alone', '&{esv.key}'],
    ['with a default', '&{esv.key|none}'],
    ['in a text', 'Hello &{esv.key}!'],
    ['by language', { en: 'Hello &{esv.key}!' }],
    ['in a list', ['&{esv.key}']],
    ['wrapped', { $string: '&{esv.key}' }],
    ['wrapped twice', { $array: '["&{esv.key}"]' }],
    ['beside another one', '&{esv.key}&{esv.other}'],
  ])('%s is put into a marked setting, and into no other (SEC-92)', (_, value) => {
    const given = { message: value, password: value };
    const { settings, refused, missing } = resolvePlaceholders(given, secretFor('secret'), marked);
    expect(JSON.stringify(settings.password)).toContain(canary);
    expect(settings.message).toEqual(value);
    expect([...refused.keys(), missing.size]).toEqual(['message', 0]);
    expect(refused.get('message')).toMatch(/&\{esv\.\w+\} is a secret.*ESV_PLAIN_/);
  });

  test('that the realm may not use is put nowhere (SEC-92)', () => {
    const given = { message: '&{esv.key}', password: '&{esv.key|none}' };
    const { settings, refused } = resolvePlaceholders(given, secretFor('withheld'), marked);
    expect(settings).toEqual(given);
    expect([...refused.keys()]).toEqual(['message', 'password']);
    expect(refused.get('password')).toContain('ASSENT_REALM_SECRETS');
  });

  describe('that the operator has bound to hosts (SEC-92)', () => {
    const definition = {
      config: z.object({
        host: z.string().default('mail.example.com'),
        urls: z.array(z.string()).default([]),
        password: z.string().meta(
          secretMeta({
            title: 'x',
            goesWith: ['host', 'urls'],
            sentTo: ({ host, urls }) => [host, ...(Array.isArray(urls) ? urls : [])],
          }),
        ),
        key: z.string().meta(secretMeta({ title: 'x', goesWith: [] })),
      }),
    };
    const bound = (name: string): PlaceholderValue =>
      name === 'esv.evil'
        ? { kind: 'plain', text: 'evil.example' }
        : { kind: 'secret', text: canary, hosts: ['mail.example.com', '[::1]'] };
    const read = (given: Readonly<Record<string, unknown>>) => readSettings(definition, given, bound);

    test.each<[string, Readonly<Record<string, unknown>>]>([
      ['a host', { host: 'Mail.Example.com' }],
      ['URLs with ports', { host: 'mail.example.com', urls: ['ldaps://mail.example.com:636', 'https://[::1]:8443/x'] }],
    ])('is put together with %s of them', (_, given) => {
      const { config, refused } = read({ ...given, password: '&{esv.key}', key: 'k' });
      expect([config?.password, refused.size]).toEqual([canary, 0]);
    });

    test.each<[string, Readonly<Record<string, unknown>>, string]>([
      ['another host', { host: 'evil.example' }, 'password'],
      ['a host that ends alike', { host: 'x.mail.example.com' }, 'password'],
      ['a host that a placeholder names', { host: '&{esv.evil}' }, 'password'],
      [
        'one URL of another host',
        { host: 'mail.example.com', urls: ['https://mail.example.com@evil.example'] },
        'password',
      ],
      ['a URL that others read otherwise', { host: 'https://mail.example.com\\@evil.example' }, 'password'],
      ['nothing that says where it is sent', { host: undefined }, 'password'],
      ['a setting that is sent nowhere', { host: 'mail.example.com' }, 'key'],
    ])('is not put together with %s', (_, given, setting) => {
      const { refused, config } = read({ ...given, password: 'p', key: 'k', [setting]: 'x&{esv.key}' });
      expect([...refused.keys()]).toEqual([setting]);
      expect(refused.get(setting)).toMatch(/sent to mail\.example\.com, \[::1\] alone.*ASSENT_REALM_SECRETS/);
      expect(JSON.stringify(config ?? {})).not.toContain(canary);
    });
  });

  test('makes of a setting one that is not given, and is named without its value (SEC-92)', () => {
    const config = z.object({ host: z.string().default('x'), password: z.string().meta({ format: 'password' }) });
    const read = readSettings(
      { config },
      { host: '&{esv.key}', unknown: '&{esv.key}', password: 'p' },
      secretFor('secret'),
    );
    expect(read).toMatchObject({ config: { host: 'x', password: 'p' }, lacking: [] });
    expect(settingsFaults(read)).toEqual([expect.stringMatching(/^host: &\{esv\.key\} is a secret/)]);
    expect(JSON.stringify([read, settingsFaults(read)])).not.toContain(canary);
  });
});

test('a long value that a short name stands for thousands of times is refused, and is not built (SEC-94)', () => {
  const values = { 'esv.plain.long': 'x'.repeat(2_300) };
  let asked = 0;
  const valueFor = (name: string) => {
    asked += 1;
    return Object.hasOwn(values, name)
      ? ({ kind: 'plain', text: values[name as keyof typeof values] } as const)
      : undefined;
  };
  const text = '&{esv.plain.long}'.repeat(3_500);
  const { settings, refused } = resolvePlaceholders(
    { first: '&{esv.plain.long}', password: text },
    valueFor,
    new Set(),
  );
  expect(settings.password).toBe(text);
  expect(settings.first).toHaveLength(2_300);
  expect(refused.get('password')).toContain('more than 65536 characters together');
  expect(asked).toBe(3_501);
});

describe('settings', () => {
  const definition = {
    config: z.object({
      host: z.string().meta({ title: 'Host' }),
      port: z.int().min(1).default(25),
      password: z.string().nullish().meta({ format: 'password' }),
    }),
  };

  test('that wait for a value hold up nothing else', () => {
    const waiting = readSettings(definition, { host: 'mail', port: { $int: '&{esv.none}' } }, valueFor);
    expect(waiting).toMatchObject({
      config: { host: 'mail', port: 25 },
      issues: [],
      missing: new Map([['port', 'esv.none']]),
    });
    const required = readSettings(definition, { host: '&{esv.none}', port: 0 }, valueFor);
    expect(required.config).toBeUndefined();
    expect(required.issues.map(({ path }) => path)).toEqual(['port']);
  });

  test('have defaults, secrets and a schema', () => {
    expect(defaultSettings(definition)).toEqual({ port: 25 });
    expect([...secretSettings(definition)]).toEqual(['password']);
    const { properties, required } = settingsSchema(definition);
    expect([Object.keys(properties), required]).toEqual([['host', 'port', 'password'], ['host']]);
    expect(properties.port).toEqual({ type: 'integer', minimum: 1, default: 25 });
  });
});
