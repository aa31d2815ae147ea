import { expect, test } from 'vitest';
import { observedMeasures } from '../testing/observed-measures.ts';

test('a counter counts by its labels, and names beyond the bound as one (OPS-54)', async () => {
  const { measures, samplesOf } = observedMeasures();
  for (let at = 0; at < 101; at += 1) measures.sessionsCreated.add(1, `/${at}`);
  measures.sessionsCreated.add(3, '/0');
  measures.sessionsCreated.add(1, `/${'x'.repeat(300)}`);
  const samples = await samplesOf('sessionsCreated');
  expect(samples).toHaveLength(101);
  expect(samples).toContainEqual(['/0', 4]);
  expect(samples).toContainEqual(['other', 2]);
});

test('a realm that is told apart in one metric is told apart in all, and words of other labels in their own metric alone', async () => {
  const { measures, samplesOf } = observedMeasures();
  for (let at = 0; at < 100; at += 1) measures.sessionsCreated.add(1, `/${at}`);
  measures.journeysStarted.add(1, '/late', 'Login');
  for (let at = 0; at < 100; at += 1) measures.throttled.add(1, `limit${at}`);
  measures.factorsDisabled.add(1, 'password');
  expect(await samplesOf('journeysStarted')).toEqual([['other', 'Login', 1]]);
  expect(await samplesOf('factorsDisabled')).toEqual([['password', 1]]);
});

test('one without labels is there before anything happens', async () => {
  expect(await observedMeasures().samplesOf('passwordSprays')).toEqual([[0]]);
});

test('a gauge says what it was told, or what it reads each time it is asked', async () => {
  const { measures, samplesOf } = observedMeasures();
  measures.httpInFlight.add(2);
  measures.httpInFlight.add(-1);
  expect(await samplesOf('httpInFlight')).toEqual([[1]]);
  let open: readonly (readonly [number, string, string])[] = [
    [1, 'fcm', '/'],
    [1, 'apns', '/'],
  ];
  measures.providerOpen.readFrom(() => open);
  expect(await samplesOf('providerOpen')).toEqual([
    ['fcm', '/', 1],
    ['apns', '/', 1],
  ]);
  open = [];
  expect(await samplesOf('providerOpen')).toEqual([]);
});

test('the buckets of a histogram hold what is no greater, and each what is in those before it', async () => {
  const { measures, registry } = observedMeasures();
  for (const seconds of [0.05, 0.1, 0.5, 30]) measures.httpSeconds.observe(seconds, 'json/authenticate');
  const text = await registry.getSingleMetricAsString('assent_http_request_duration_seconds');
  for (const line of [
    '_bucket{le="0.05",route="json/authenticate"} 1',
    '_bucket{le="0.1",route="json/authenticate"} 2',
    '_bucket{le="10",route="json/authenticate"} 3',
    '_bucket{le="+Inf",route="json/authenticate"} 4',
    '_count{route="json/authenticate"} 4',
  ])
    expect(text).toContain(`assent_http_request_duration_seconds${line}`);
});
