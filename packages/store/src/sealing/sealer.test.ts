import { expect, test } from 'vitest';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import type { DataKey } from './data-key.ts';
import { DataKeyRing } from './data-key-ring.ts';
import { createSealer, type Place, unwrapDataKey, wrapDataKey } from './sealer.ts';

const keyOf = (id: number, purpose: DataKey['purpose']): DataKey => ({ id, purpose, bytes: systemRandom.bytes(32) });
const keys = [keyOf(1, 'device'), keyOf(2, 'message')];
const place: Place = { table: 'device', id: 'device-1', realm: '/alpha', userId: 'user-1' };
const sealer = createSealer(new DataKeyRing(keys), systemRandom);

test.each<[string, Place]>([
  ['another table', { ...place, table: 'push_message' }],
  ['another row', { ...place, id: 'device-2' }],
  ['another realm', { ...place, realm: '/' }],
  ['another user', { ...place, userId: 'user-2' }],
  ['fields that only run together the same', { ...place, id: 'device-1/alpha', realm: '' }],
])('a sealed value moved to %s does not open (SEC-74)', (_, other) => {
  const sealed = sealer.seal('device', place, 'secret');
  expect(() => sealer.open('device', other, sealed)).toThrow();
  expect(sealer.open('device', place, sealed).toString()).toBe('secret');
});

test('no byte of a sealed value can be changed', () => {
  const sealed = sealer.seal('device', place, 'secret');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => sealer.open('device', place, changed), `byte ${at}`).toThrow();
  }
});

test.each([0, 4, 32])('a value cut to %i bytes does not open', (length) => {
  const sealed = sealer.seal('device', place, 'secret');
  expect(() => sealer.open('device', place, sealed.subarray(0, length))).toThrow();
});

test('a key opens what was sealed for its purpose only', () => {
  const sealed = sealer.seal('device', place, 'secret');
  expect(() => sealer.open('message', place, sealed)).toThrow('sealed under no data key for message');
  expect(() => sealer.seal('journey', place, 'x')).toThrow('no data key for journey');
});

test('a newer key seals, and the older still opens', () => {
  const sealed = sealer.seal('device', place, 'old');
  const newer = createSealer(new DataKeyRing([keyOf(9, 'device'), ...keys]), systemRandom);
  expect(newer.open('device', place, sealed).toString()).toBe('old');
  expect(() => sealer.open('device', place, newer.seal('device', place, 'new'))).toThrow();
});

test('no nonce is used twice, by one run or by two', () => {
  const again = createSealer(new DataKeyRing(keys), systemRandom);
  const nonces = [sealer, again].flatMap((it) =>
    Array.from({ length: 500 }, () => Buffer.from(it.seal('device', place, '').subarray(5, 17)).toString('hex')),
  );
  expect(new Set(nonces).size).toBe(1_000);
});

test('an empty value and one of bytes come back as they were', () => {
  const bytes = systemRandom.bytes(70);
  expect(new Uint8Array(sealer.open('device', place, sealer.seal('device', place, bytes)))).toEqual(bytes);
  expect(sealer.open('device', place, sealer.seal('device', place, '')).length).toBe(0);
});

test('a data key opens under its master key, id and purpose only', () => {
  const key = keyOf(3, 'secret');
  const wrapped = wrapDataKey(masterKeyOf('a'), key, systemRandom);
  expect(unwrapDataKey(masterKeyOf('a'), 3, 'secret', wrapped)).toEqual(Buffer.from(key.bytes));
  expect(() => unwrapDataKey(masterKeyOf('b'), 3, 'secret', wrapped)).toThrow();
  expect(() => unwrapDataKey(masterKeyOf('a'), 4, 'secret', wrapped)).toThrow();
  expect(() => unwrapDataKey(masterKeyOf('a'), 3, 'device', wrapped)).toThrow();
});
