import { memoryIdentities } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { lookUpUser } from './find-user.ts';

const users = memoryIdentities({ demo: { mail: ['demo@example.org'] } });
type Values = Readonly<Record<string, unknown>>;
const journey = { boundUser: undefined, identifiedUser: undefined };
const lookUp = (state: { shared?: Values; transient?: Values; secure?: Values }, attribute = 'mail') =>
  lookUpUser(journey, users, attribute, { shared: {}, transient: {}, secure: {}, ...state }, undefined);
const collected = (mail: string) => ({ objectAttributes: { mail } });

test('a look-up reads one collected attribute, however many there are (SEC-93)', async () => {
  const objectAttributes = new Proxy(
    { mail: 'demo@example.org' },
    {
      ownKeys() {
        throw new TypeError('All attributes were read.');
      },
    },
  );
  expect(await lookUp({ shared: { objectAttributes } })).toMatchObject({ identity: { username: 'demo' } });
});

test.each([
  ['transient before secure', { transient: collected('t'), secure: collected('s'), shared: collected('h') }, 't'],
  ['secure before shared', { secure: collected('s'), shared: collected('h') }, 's'],
  ['shared', { shared: collected('h') }, 'h'],
  ['nothing that every object inherits', { shared: { objectAttributes: Object.create({ mail: 'x' }) } }, undefined],
])('a collected attribute is %s', async (_name, state, value) => {
  expect((await lookUp(state)).value).toBe(value);
});

test('an id is never what the user has put in', async () => {
  const state = { shared: { objectAttributes: { _id: 'typed' } } };
  expect((await lookUp(state, '_id')).value).toBeUndefined();
  expect((await lookUp({ shared: { ...state.shared, _id: 'found' } }, '_id')).value).toBe('found');
});
