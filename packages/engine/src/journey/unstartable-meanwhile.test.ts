import { describe, expect, test } from 'vitest';
import type { RealmSettings } from '../model/configuration.ts';
import type { TreeDocument } from '../model/tree.ts';
import { submitted, testRealm } from '../testing/index.ts';
import { codeOf, login, passwordJourneys } from '../testing/password-journeys.ts';

/** Journeys `Other`, which the realm lists, and a way to change what may be started. */
const world = () => {
  const realm = { ...testRealm({ startableJourneys: ['Other'] }) } as {
    -readonly [K in keyof RealmSettings]: RealmSettings[K];
  };
  const it = passwordJourneys({ Login: login, Other: login }, [realm]);
  const settings = (changed: Partial<TreeDocument>) => it.publish('Other', { ...login, settings: changed });
  return { it, realm, settings };
};
type World = ReturnType<typeof world>;

const CHANGES: readonly (readonly [string, (world: World) => void])[] = [
  ['disabled', ({ settings }) => settings({ enabled: false })],
  ['for other trees alone', ({ settings }) => settings({ innerTreeOnly: true })],
  ['for back channels alone', ({ settings }) => settings({ transactionalOnly: true })],
  [
    'not listed by the realm',
    ({ realm }) => {
      realm.startableJourneys = ['Login'];
    },
  ],
];

describe.each(CHANGES)('a tree that is now %s', (_what, change) => {
  test('answers no authId of a first page that is stored nowhere', async () => {
    const made = world();
    const first = await made.it.begin('Other');
    change(made);
    const commits = made.it.store.commits;
    expect(await codeOf(made.it.post(first.reference, submitted(first, ['demo'])))).toBe('JOURNEY_EXPIRED');
    expect(await codeOf(made.it.post(first.reference))).toBe('JOURNEY_EXPIRED');
    expect(made.it.store.commits).toBe(commits);
  });
});

test('a first page goes on with the version that it was shown for, where the tree can still be started', async () => {
  const { it, settings } = world();
  const first = await it.begin('Other');
  settings({ description: 'another version' });
  expect((await it.step(first, 'demo')).reference.treeVersion).toBe(1);
});

test('a first page goes on again once its tree is enabled again', async () => {
  const { it, settings } = world();
  const first = await it.begin('Other');
  settings({ enabled: false });
  expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  settings({ enabled: true });
  await expect(it.step(first, 'demo')).resolves.toMatchObject({ kind: 'step' });
});

test('a journey that has stored a step goes on once its tree is for back channels alone', async () => {
  const { it, settings } = world();
  const second = await it.step(await it.begin('Other'), 'demo');
  settings({ transactionalOnly: true });
  await expect(it.answer(second, 'right')).resolves.toMatchObject({ kind: 'step' });
});
