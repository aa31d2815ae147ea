import { describe, expect, test } from 'vitest';
import { bindIdentities, withOwnChanges } from './bind-identities.ts';
import type { Change } from './changes.ts';
import type { Submit } from './submit.ts';
import { fakeRequest, memoryDirectory, type TestUsers, testRealm } from './testing/index.ts';

const setUp = (users: TestUsers = { demo: { mail: ['a@b.example'] }, gone: { inetUserStatus: ['Inactive'] } }) => {
  const changes: Change[] = [];
  const always: Change[] = [];
  const remembered = new Map<string, Promise<unknown>>();
  const submit: Submit = {
    realm: testRealm(),
    journeyId: 'j1',
    request: fakeRequest(),
    enlist: (change) => void changes.push(change),
    enlistAlways: (change) => void always.push(change),
    commitNow: async () => true,
    afterCommit: () => undefined,
    holdTurn: async () => undefined,
    remember<T>(key: string, load: () => Promise<T>) {
      const value = remembered.get(key) ?? load();
      remembered.set(key, value);
      return value as Promise<T>;
    },
  };
  return { changes, always, submit, users: bindIdentities(memoryDirectory(users))(submit) };
};

test('a user that does not exist cannot be locked', async () => {
  await expect(setUp().users.setActive('nobody', false)).rejects.toThrow(RangeError);
});

describe('locking', () => {
  test('is kept whatever becomes of the submit, and seen at once', async () => {
    const { users, always, changes, submit } = setUp();
    const before = await users.find('demo');
    await users.setActive('Demo', false);
    expect(always).toEqual([{ verb: 'identity.active', id: 'id-of-demo', active: false }]);
    expect(changes).toEqual([]);
    expect(await users.find('demo')).toMatchObject({ active: false, attributes: { inetUserStatus: ['Inactive'] } });
    expect(before && (await withOwnChanges(submit, before))).toMatchObject({ active: false });
  });

  test('and unlocking in one submit leave one change, the last', async () => {
    const { users, always, changes } = setUp();
    await users.setActive('demo', false);
    await users.setActive('demo', true);
    expect([always, changes]).toEqual([[{ verb: 'identity.active', id: 'id-of-demo', active: true }], []]);
  });

  test('after an unlock stands behind it', async () => {
    const { users, always, changes } = setUp();
    await users.setActive('gone', true);
    await users.setActive('gone', false);
    expect(changes).toMatchObject([{ active: true }]);
    expect(always).toMatchObject([{ active: false }]);
  });
});

test('an attribute that changes after an unlock names the revision that the unlock leaves', async () => {
  const { users, changes } = setUp();
  await users.setActive('gone', true);
  await users.update('gone', 'mail', () => ['new@b.example']);
  expect(changes).toEqual([
    { verb: 'identity.active', id: 'id-of-gone', active: true },
    { verb: 'identity.attributes', id: 'id-of-gone', seenRev: 2, attributes: { mail: ['new@b.example'] } },
  ]);
});

test('an attribute that changes beside a lock is committed before it, from the revision that was read', async () => {
  const { users, changes } = setUp();
  await users.setActive('demo', false);
  await users.update('demo', 'mail', () => []);
  expect(changes).toMatchObject([{ verb: 'identity.attributes', seenRev: 1 }]);
});

test.each([
  ['Inactive', false],
  ['inactive', false],
])('AM’s status attribute is the account itself (%s)', async (value, active) => {
  const { users, always, changes } = setUp();
  expect((await users.find('demo'))?.attributes.inetUserStatus).toEqual(['Active']);
  await users.update('demo', 'inetUserStatus', () => [value]);
  expect(always).toMatchObject([{ active }]);
  expect(changes).toEqual([]);
});
