import { expect, test } from 'vitest';
import { nodeCliIo } from './cli-io.ts';

const timersThatKeepUsAlive = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a command that sleeps is not ended meanwhile, and a limit that it sets to something else keeps nothing alive', async () => {
  const io = nodeCliIo();
  const before = timersThatKeepUsAlive();
  const limit = io.within(1);
  expect(timersThatKeepUsAlive()).toBe(before);
  const sleep = io.sleep(1);
  expect(timersThatKeepUsAlive()).toBe(before + 1);
  await Promise.all([limit, sleep]);
});
