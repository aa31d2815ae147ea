import { describe, expect, test } from 'vitest';
import { factorWorld } from '../testing/stored/factor-world.ts';

describe('skip settings', () => {
  test.each([
    [[], 'NOT_SET'],
    [['0'], 'NOT_SET'],
    [['1'], 'SKIPPABLE'],
    [['2'], 'NOT_SKIPPABLE'],
    [['nonsense'], 'NOT_SET'],
  ])('%j reads as %s', async (values, setting) => {
    const { ports, bind, unit } = factorWorld();
    const identity = ports.addIdentity({ id: 'user-3', username: 'ann', attributes: { push2faEnabled: values } });
    expect(await bind.skip(unit()).read(identity, 'push')).toBe(setting);
    expect(await bind.skip(unit()).read(identity, 'oath')).toBe('NOT_SET');
  });

  test('a stored device makes a user one who must not skip, whatever the attribute says', async () => {
    const { registeredPhone, bind, unit, user } = factorWorld();
    await registeredPhone({ communicationType: 'relay', deviceType: 'web', hasKey: true });
    const step = unit();
    await bind.skip(step).write(user, 'push', 'SKIPPABLE');
    await step.commit();
    expect(await bind.skip(unit()).read(user, 'push')).toBe('NOT_SKIPPABLE');
  });

  test('a setting is read back in the unit of work that wrote it, and after it', async () => {
    const { bind, unit, user, events } = factorWorld();
    const step = unit();
    const skip = bind.skip(step);
    await skip.write(user, 'push', 'SKIPPABLE');
    expect(await skip.read(user, 'push')).toBe('SKIPPABLE');
    await step.commit();
    expect(await bind.skip(unit()).read(user, 'push')).toBe('SKIPPABLE');
    expect(events()).toEqual(['OPTOUT_SET push']);
  });
});
