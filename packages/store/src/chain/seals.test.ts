import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { digestOf, type TrailRow } from './seals.ts';

const ROW: TrailRow = {
  id: '01234567-89ab-7000-8000-000000000001',
  position: 7,
  event: {
    at: 1_800_000_000_123,
    event: 'JOURNEY_STEP',
    realm: '/alpha',
    transactionId: 'é"\\\u2028\ud800',
    userId: 'user-1',
    journey: 'J',
    nodeType: 'N',
    nodeId: 'n',
    outcome: 'o',
    detail: { by: 'x' },
  },
};

/** As the reference tells outsiders to make it. */
const byReference = ({ id, position, event }: TrailRow, detailHash: string | undefined): string => {
  if (event === undefined) throw new TypeError('a row of the test says something');
  const { at, detail: _, ...members } = event;
  const text = canonicalJson({ ...members, id, position, time: new Date(at).toISOString(), detailHash });
  return createHash('sha256').update(text).digest('base64url');
};

test('the digest of a row is of the canonical JSON of what it says (SEC-80, RFC 8785)', () => {
  const bare: TrailRow = { ...ROW, event: { at: 1, event: 'E', realm: '/', transactionId: 't' } };
  for (const row of [ROW, bare])
    for (const detailHash of [undefined, 'hash']) expect(digestOf(row, detailHash)).toBe(byReference(row, detailHash));
});
