import type { RealmSettings } from '@assent/engine';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { testCli } from '../testing/test-cli.ts';

interface Line {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly hint?: string;
}
interface GivenRealm extends Partial<RealmSettings> {
  /** Journeys that have the tree of another one. */
  readonly replaced?: Readonly<Record<string, string>>;
  readonly loaMapping?: Readonly<Record<string, string>>;
}

/** What doctor says of realms that are stored already, without the length of passwords. */
const told = async (realms: Readonly<Record<string, GivenRealm>>): Promise<(realm: string) => readonly Line[]> => {
  const { newRealmSettings, equipmentOf } = await import('@assent/server');
  const cli = testCli();
  await cli.inStore(async (store) => {
    for (const [path, { replaced = {}, loaMapping, ...settings }] of Object.entries(realms)) {
      const equipment = equipmentOf(path);
      const publishTrees = equipment.publishTrees.map((tree) => {
        const other = equipment.publishTrees.find(({ name }) => name === replaced[tree.name]);
        return other === undefined ? tree : { ...other, name: tree.name };
      });
      const realm = { ...newRealmSettings(path, 'http://localhost/am'), ...settings };
      await configuring(store).createRealm(realm, { ...equipment, publishTrees });
      if (loaMapping !== undefined) {
        const config = { advancedOIDCConfig: { loaMapping } };
        await configuring(store).saveService({ realm: path, type: 'oauth-oidc', config });
      }
    }
  });
  const { stdout } = await cli.run('doctor', '--port', '0', '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).check as Line);
  return (realm) =>
    lines.filter(({ name, message }) => name === `realm ${realm}` && /journey|startable|loaMapping/.test(message));
};

const startable = (lines: readonly Line[]) => lines.filter(({ message }) => !message.startsWith('A password alone'));

test('reports realms whose journeys are those of an older version, and accepts those of a new realm (SEC-85)', async () => {
  const of = await told({
    '/new': {},
    '/old': { replaced: { AdminLogin: 'Login' }, loaMapping: { push: 'PushLogin', password: 'Login' } },
  });
  expect(startable(of('/new')).filter(({ status }) => status !== 'ok')).toEqual([]);
  const old = startable(of('/old')).filter(({ status }) => status !== 'ok');
  expect(old).toContainEqual({
    name: 'realm /old',
    status: 'warning',
    message: 'The journey of administrators AdminLogin signs in users without a role.',
    hint: 'use an Administrator Decision in AdminLogin in place of the node that checks the password',
  });
  expect(old).toContainEqual({
    name: 'realm /old',
    status: 'problem',
    message: expect.stringMatching(/^The class "push" \(loaMapping\) names the journey PushLogin, .*Success/),
    hint: expect.stringContaining('map "push" to another journey'),
  });
  expect(old).toHaveLength(2);
});

test('reports journeys that prove less than the default journey, until a list leaves them out (SEC-85)', async () => {
  const of = await told({
    '/open': { defaultTree: 'PushStepUp' },
    '/listed': { defaultTree: 'PushStepUp', startableJourneys: ['PasskeyStepUp'] },
    '/wrong': { startableJourneys: ['StepUp', 'Gone'] },
  });
  const [open] = startable(of('/open')).filter(({ message }) => message.startsWith('Callers can start'));
  expect(open).toMatchObject({ status: 'warning', hint: expect.stringContaining('startableJourneys') });
  expect(open?.message).toMatch(
    /^Callers can start journeys that prove less than the default journey PushStepUp: .*\bLogin\b/,
  );
  expect(open?.message).not.toContain('PasskeyStepUp');
  expect(startable(of('/listed')).filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(startable(of('/wrong')).filter(({ status }) => status !== 'ok')).toEqual([
    {
      name: 'realm /wrong',
      status: 'warning',
      message: 'startableJourneys names journeys that cannot be started: Gone.',
      hint: 'startableJourneys of the service "assent"',
    },
  ]);
});
