import { describe, expect, test } from 'vitest';
import type { HintBus } from '../delivery/hints.ts';

/** What every hint bus must do; `make` gives a bus, and a second end of it where it spans processes. */
export function describeHintBusContract(
  name: string,
  make: () => Promise<{ readonly here: HintBus; readonly there: HintBus; readonly close: () => Promise<void> }>,
): void {
  const withBus = async (run: (here: HintBus, there: HintBus) => Promise<void>) => {
    const { here, there, close } = await make();
    try {
      await run(here, there);
    } finally {
      await close();
    }
  };
  /** Publishes until the hint arrives: a bus may need a moment to subscribe, and may lose hints. */
  const arrival = (there: HintBus, here: HintBus, key: string): Promise<void> =>
    new Promise((resolve) => {
      const repeat = setInterval(() => here.publish(key), 5);
      const end = there.subscribe(key, () => {
        clearInterval(repeat);
        end();
        resolve();
      });
      here.publish(key);
    });

  describe(`${name} as a hint bus`, () => {
    test('wakes a listener of the key, also at the other end', () =>
      withBus(async (here, there) => {
        await arrival(here, here, 'a');
        await arrival(there, here, 'a');
      }));

    test('wakes nobody for another key, and nobody who has left', () =>
      withBus(async (here, there) => {
        const woken: string[] = [];
        there.subscribe('other', () => woken.push('other'));
        const leave = there.subscribe('a', () => woken.push('left'));
        leave();
        leave();
        await arrival(there, here, 'a');
        expect(woken).toEqual([]);
      }));

    test('wakes every listener of a key, also when one of them throws', () =>
      withBus(async (here, there) => {
        there.subscribe('a', () => {
          throw new Error('a broken listener');
        });
        await arrival(there, here, 'a');
      }));

    test('publishes to nobody without complaint', () =>
      withBus(async (here) => {
        expect(() => here.publish('nobody')).not.toThrow();
      }));
  });
}
