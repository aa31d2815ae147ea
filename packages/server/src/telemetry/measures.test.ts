import { expect, test } from 'vitest';
import { BoundedNames } from './bounded-names.ts';
import { Counter } from './counter.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';

const bounds = (...limits: number[]) => limits.map((limit) => new BoundedNames(limit));

test('a counter counts by its labels, and names beyond the bound as one (OPS-54)', () => {
  const counter = new Counter(
    { name: 'assent_x_total', kind: 'counter', labels: ['realm', 'tree'], help: 'x' },
    bounds(2, 1),
  );
  for (const realm of ['/', '/a', '/b', '/c', '/']) counter.add(1, realm, 'Login');
  counter.add(3, '/', 'Another');
  expect(counter.samples()).toEqual([
    { labels: { realm: '/', tree: 'Login' }, value: 2 },
    { labels: { realm: '/a', tree: 'Login' }, value: 1 },
    { labels: { realm: 'other', tree: 'Login' }, value: 2 },
    { labels: { realm: '/', tree: 'other' }, value: 3 },
  ]);
});

test('one without labels is there before anything happens', () => {
  const counter = new Counter({ name: 'assent_x_total', kind: 'counter', labels: [], help: 'x' }, []);
  expect(counter.samples()).toEqual([{ labels: {}, value: 0 }]);
});

test('a gauge says what it was told, or what it reads when it is asked', () => {
  const gauge = new Gauge({ name: 'assent_x', kind: 'gauge', labels: ['kind'], help: 'x' }, bounds(9));
  gauge.add(2, 'wait');
  gauge.add(-1, 'wait');
  expect(gauge.samples()).toEqual([{ labels: { kind: 'wait' }, value: 1 }]);
  gauge.readFrom(() => [[5, 'relay']]);
  expect(gauge.samples()).toEqual([{ labels: { kind: 'relay' }, value: 5 }]);
});

test('the buckets of a histogram hold what is no greater, and each what is in those before it', () => {
  const histogram = new Histogram(
    { name: 'assent_x_seconds', kind: 'histogram', labels: [], help: 'x', buckets: [0.1, 1] },
    [],
  );
  for (const seconds of [0.05, 0.1, 0.5, 3]) histogram.observe(seconds);
  expect(histogram.samples()).toEqual([
    { metricName: 'assent_x_seconds_bucket', labels: { le: 0.1 }, value: 2 },
    { metricName: 'assent_x_seconds_bucket', labels: { le: 1 }, value: 3 },
    { metricName: 'assent_x_seconds_bucket', labels: { le: '+Inf' }, value: 4 },
    { metricName: 'assent_x_seconds_sum', labels: {}, value: 3.65 },
    { metricName: 'assent_x_seconds_count', labels: {}, value: 4 },
  ]);
});
