import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultSettings, readSettings, settingsSchema } from './node-settings.ts';
import { resolvePlaceholders, variableOfPlaceholder } from './placeholders.ts';
import { secretSettings } from './secret-settings.ts';

const values: Readonly<Record<string, string>> = { 'esv.host': 'mail', 'esv.port': '25', 'esv.json': '{"a":1}' };
const valueFor = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);

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
    const { settings, missing } = resolvePlaceholders({ setting: given }, valueFor);
    expect([settings, [...missing]]).toEqual([{ setting: expected }, []]);
  });

  test('what has no value is named by setting and stays as it is', () => {
    const given = { host: '&{esv.none}', port: { $int: '&{esv.nope}' }, other: '&{esv.host}' };
    const { settings, missing } = resolvePlaceholders(given, valueFor);
    expect(settings).toEqual({ host: '&{esv.none}', port: '&{esv.nope}', other: 'mail' });
    expect([...missing]).toEqual([
      ['host', 'esv.none'],
      ['port', 'esv.nope'],
    ]);
  });

  test('a value is not looked into for further placeholders', () => {
    const { settings } = resolvePlaceholders({ a: '&{x}' }, (name) => (name === 'x' ? '&{secret}' : 'leaked'));
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
