import { runNode, simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { meter } from './meter.node.ts';
import { timerStart } from './timer-start.node.ts';
import { timerStop } from './timer-stop.node.ts';

const recorder = () => {
  const seen: unknown[] = [];
  return {
    seen,
    journeyMetrics: {
      count: (name: string) => void seen.push(name),
      time: (name: string, millis: number) => void seen.push([name, millis]),
    },
  };
};

test.each([
  ['a Meter', meter, { metricKey: '' }],
  ['a Timer Stop', timerStop, { metricKey: '' }],
  ['a Timer Stop', timerStop, { metricKey: 'login', startTimeProperty: '' }],
  ['a Timer Start', timerStart, { startTimeProperty: '' }],
])('%s without a name is refused', (_what, node, config) => {
  expect(node.config.safeParse(config).success).toBe(false);
});

test('a Meter counts under its name, every time', async () => {
  const { seen, journeyMetrics } = recorder();
  const given = { config: { metricKey: 'login' }, ports: { journeyMetrics } };
  await runNode(meter, given);
  expect((await runNode(meter, given)).action).toMatchObject({ outcome: 'outcome' });
  expect(seen).toEqual(['login', 'login']);
});

test.each([{}, { startTimeProperty: 'begun' }])('a timer with %j records the time between its ends', async (config) => {
  const { seen, journeyMetrics } = recorder();
  const clock = simulatedClock();
  const { action, state } = await runNode(timerStart, { config, ports: { clock } });
  expect(action).toMatchObject({ outcome: 'outcome' });
  clock.advance(1_234);
  const stop = { config: { ...config, metricKey: 'login' }, ports: { clock, journeyMetrics } };
  expect((await runNode(timerStop, { ...stop, state })).action).toMatchObject({ outcome: 'outcome' });
  expect(seen).toEqual([['login', 1_234]]);
});

test.each([{}, { TimerNodeStartTime: 'yesterday' }])(
  'a timer that was not started, with %j, records nothing',
  async (state) => {
    const { seen, journeyMetrics } = recorder();
    const ports = { clock: simulatedClock(), journeyMetrics };
    const { action, log } = await runNode(timerStop, { config: { metricKey: 'login' }, ports, state });
    expect(action).toMatchObject({ outcome: 'outcome' });
    expect(log.map(({ msg }) => msg)).toEqual(['There is no start time in "TimerNodeStartTime": nothing is recorded.']);
    expect(seen).toEqual([]);
  },
);
