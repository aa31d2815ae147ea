import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { settingsSchema } from './node-settings.ts';
import { secretAskedAgain, secretMeta, secretSettings, settingsWithSecret } from './secret-settings.ts';

const definition = {
  config: z.object({
    host: z.string().default('mail'),
    hosts: z.array(z.string()).default([]),
    password: z
      .string()
      .nullish()
      .meta(secretMeta({ title: 'Password', goesWith: ['host', 'hosts'] })),
    key: z
      .string()
      .nullish()
      .meta(secretMeta({ title: 'Key', goesWith: [] })),
    own: z.string().nullish().meta({ format: 'password' }),
  }),
};
const stored = { host: 'mail', hosts: ['a'], password: 'p', key: 'k', own: 'o' };
const asked = (next: object, given: object = {}, before: object = stored) =>
  secretAskedAgain(definition, { ...before }, { ...stored, ...next }, { ...given });

describe('a stored secret has to be given again', () => {
  test.each([
    ['a text', { host: 'other' }, 'the same host.'],
    ['a list', { hosts: ['a', 'b'] }, 'the same hosts.'],
    ['both', { host: 'other', hosts: [] }, 'the same host, hosts.'],
    ['a text that is gone', { host: undefined }, 'the same host.'],
  ])('where it would go with another setting: %s', (_what, next, reason) => {
    expect(asked(next)).toMatchObject({ secret: 'password', reason: expect.stringContaining(reason) });
    expect(asked(next, { password: null })).toMatchObject({ secret: 'password' });
  });
});

describe('a stored secret is kept', () => {
  test('where nothing changes that it goes with', () => {
    expect(asked({ key: 'other' })).toBeUndefined();
  });

  test.each([undefined, null, ''])('where the setting it goes with was not set, spelled %j, and is not', (host) => {
    expect(asked({ host }, {}, { ...stored, host: undefined })).toBeUndefined();
  });

  test.each(['q', ''])('by nobody who gives another, such as %j', (password) => {
    expect(asked({ host: 'other' }, { password })).toBeUndefined();
  });

  test.each([undefined, null, ''])('in no case where there is none, spelled %j', (password) => {
    expect(asked({ host: 'other' }, {}, { ...stored, password })).toBeUndefined();
  });
});

test('a definition of somebody else may say only that a setting is a secret', () => {
  expect([...secretSettings(definition)]).toEqual(['password', 'key', 'own']);
  expect(settingsWithSecret(definition, 'own')).toEqual([]);
});

test('what a secret goes with is no word of the schema that forms are drawn from', () => {
  const { password } = settingsSchema(definition).properties as Record<string, object>;
  expect(password).toMatchObject({ title: 'Password', format: 'password' });
  expect(password).not.toHaveProperty('goesWith');
});
