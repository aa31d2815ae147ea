import { describe, expect, test } from 'vitest';
import type { DataKey } from '../../sealing/data-key.ts';
import { DataKeyRing } from '../../sealing/data-key-ring.ts';
import { createSealer, type Sealer } from '../../sealing/sealer.ts';
import { systemRandom } from '../../testing/scratch.ts';
import type { Call } from '../verbs/verb.ts';
import { outboxTopic } from './outbox.ts';

const key: DataKey = { id: 1, purpose: 'outbox', bytes: new Uint8Array(32) };
const sealer: Sealer = createSealer(new DataKeyRing([key]), systemRandom);
const entry = { id: 'e', realm: '/', recipient: 'app', payload: '{}' };

/** What is written for an entry, sealed. */
const sealedOf = (given: { readonly kind: string; readonly userId?: string }): Uint8Array => {
  const put = outboxTopic(sealer, { note: () => {} }).changes['outbox.put']({
    type: 'outbox.put',
    entry: { ...entry, ...given },
  });
  const calls = put.next().value as Call | readonly Call[];
  const values = [calls].flat().flatMap(({ values }) => values);
  const found = values.find((it) => it instanceof Uint8Array);
  if (found === undefined) throw new Error('Nothing is sealed.');
  return found;
};

describe('a program from before ADR 69, which deletes kinds that it opens and does not know (REL-20)', () => {
  /** As that program opens whatever is due. */
  const opens = (sealed: Uint8Array) =>
    sealer.tryOpen('outbox', { table: 'outbox', id: 'e', realm: '/', userId: '' }, sealed)?.toString();

  test.each([
    { kind: 'webhook' },
    { kind: 'mail' },
    { kind: 'mail', userId: 'u' },
    { kind: 'notice', userId: 'u' },
    { kind: 'of a later version' },
  ])('opens no entry of $kind', (given) => {
    expect(opens(sealedOf(given))).toBeUndefined();
  });

  test('opens what it sends itself', () => {
    expect(opens(sealedOf({ kind: 'logout' }))).toBe('{}');
  });
});
