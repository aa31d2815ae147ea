import { isApprovalOf, isLiveSession, isOpenBackChannel } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import { countFollows } from '@assent/factors';
import { isApproved, isLiveGrant, isPending, isRedeemable, isToBeTold, type OAuthGrant } from '@assent/oidc';
import {
  afterAccess,
  afterDelivery,
  afterProof,
  countsTowardsLimit,
  isProven,
  isRinging,
  isUnclaimed,
  isUnreachable,
  isUnsent,
  type MessageState,
} from '@assent/push';
import { afterAll, expect, test } from 'vitest';
import { expiryOf } from '../../rules/session-rules.ts';
import { type Database, driverFor, openDatabase } from '../../sqlite/driver.ts';
import { textFor } from '../../sqlite/runner.ts';
import { backChannelRow, deviceRow, grantRow, messageRow, NOW, pendingRow, sessionRow } from '../../testing/rows.ts';
import {
  CAN_BE_PROVEN,
  COUNT_FOLLOWS,
  COUNTS_TOWARDS_LIMIT,
  IS_APPROVAL_OF,
  IS_APPROVED,
  IS_LIVE_GRANT,
  IS_LIVE_SESSION,
  IS_OPEN_BACK_CHANNEL,
  IS_PENDING,
  IS_PROVEN,
  IS_REDEEMABLE,
  IS_RINGING,
  IS_TO_BE_TOLD,
  IS_UNCLAIMED,
  IS_UNREACHABLE,
  IS_UNSENT,
  isOfRealmThatIsOn,
  REALM_IS_ON,
  TAKES_MARK,
  valuesOfUnclaimed,
  WAS_USED_BEFORE,
} from './conditions.ts';
import type { ColumnValue } from './verb.ts';

const db: Database = await openDatabase(':memory:', driverFor(process.versions.node));
afterAll(() => db.close());

/** What a condition says of a row with these columns. */
const says = (condition: string, columns: Readonly<Record<string, ColumnValue>>, ...values: readonly ColumnValue[]) => {
  const names = Object.keys(columns);
  const row = names.map((name) => `? AS ${name}`).join(', ') || '1';
  // The columns come first: their marks are read before those of the condition.
  const query = `WITH given AS (SELECT ${row}) SELECT COUNT(*) FROM given WHERE ${condition}`;
  return db.prepare<[count: number]>(query).get(...Object.values(columns), ...values)?.[0] === 1;
};

const devices = [
  deviceRow(),
  ...['journey-1', 'journey-2'].flatMap((journeyId) =>
    [-1, 0, 1].map((by) => deviceRow({ pending: { journeyId, until: NOW + by } })),
  ),
];
const deviceColumns = ({ pending, lastAccessAt }: (typeof devices)[number]) => ({
  pending_journey: pending?.journeyId ?? null,
  pending_until: pending?.until ?? null,
  last_access_at: lastAccessAt,
});

test.each(devices)('SQL and the rules of devices say the same of a phone with $pending', (device) => {
  const columns = deviceColumns(device);
  expect(says(IS_PROVEN, columns)).toBe(isProven(device));
  expect(says(COUNTS_TOWARDS_LIMIT, columns, NOW)).toBe(countsTowardsLimit(device, NOW));
  const proof = { journeyId: 'journey-1', at: NOW };
  expect(says(CAN_BE_PROVEN, columns, proof.journeyId, proof.at)).toBe(afterProof(device, proof) !== undefined);
  for (const at of [NOW - 1, NOW, NOW + 1]) {
    expect(says(WAS_USED_BEFORE, columns, at)).toBe(afterAccess(device, at) !== device);
  }
});

test('SQL and the rule of passkeys say the same of which count follows which (WA-11)', () => {
  for (const stored of [0, 1, 7, 2 ** 32 - 1]) {
    for (const sent of [0, 1, 6, 7, 8, 2 ** 32 - 1]) {
      expect(says(COUNT_FOLLOWS, { sign_count: stored }, sent, sent)).toBe(countFollows(stored, sent));
    }
  }
});

const states: readonly MessageState[] = ['pending', 'approved', 'denied', 'consumed', 'closed'];
const deliveries = ['none', 'queued', 'sent', 'failed', 'unreachable', 'shown'] as const;
const messages = states.flatMap((state) =>
  deliveries.flatMap((delivery) =>
    (['AUTHENTICATE', 'REGISTER'] as const).map((kind) => messageRow({ state, delivery, kind })),
  ),
);

test.each(messages)('SQL and the rules of requests say the same of a message: $kind $state $delivery', (message) => {
  const { kind, state, delivery } = message;
  const isOpen = ['pending', 'approved', 'denied'].includes(state) ? 1 : 0;
  expect(says(IS_RINGING, { kind, state, is_open: isOpen })).toBe(isRinging(message));
  expect(says(IS_UNSENT, { state, delivery })).toBe(isUnsent(message));
  for (const claim of [undefined, { by: 'one', until: NOW - 1 }, { by: 'one', until: NOW }]) {
    for (const nextTryAt of [0, NOW, NOW + 1]) {
      const columns = {
        state,
        delivery,
        claim_by: claim?.by ?? null,
        claim_until: claim?.until ?? 0,
        next_try_at: nextTryAt,
      };
      for (const alsoOf of [undefined, 'one', 'two']) {
        const isOurs = isUnclaimed({ ...message, claim, nextTryAt }, NOW, alsoOf);
        expect(says(IS_UNCLAIMED, columns, ...valuesOfUnclaimed(NOW, alsoOf))).toBe(isOurs);
      }
    }
  }
  expect(says(TAKES_MARK, { delivery })).toBe(afterDelivery(delivery, 'sent') === 'sent' && delivery !== 'shown');
});

test.each([undefined, NOW])(
  'SQL and the rule say the same of a phone whose address is dead since %s',
  (channelDeadAt) => {
    const device = deviceRow(channelDeadAt === undefined ? {} : { channelDeadAt });
    expect(says(IS_UNREACHABLE, { channel_dead_at: channelDeadAt ?? null })).toBe(isUnreachable(device));
  },
);

test.each(['created', 'started', 'approved', 'denied'] as const)(
  'SQL and the rule of back channels say the same of one that is %s',
  (status) => {
    for (const expiresAt of [NOW - 1, NOW, NOW + 1]) {
      const row = backChannelRow({ status, expiresAt });
      expect(says(IS_OPEN_BACK_CHANNEL, { status, expires_at: expiresAt }, NOW)).toBe(isOpenBackChannel(row, NOW));
      for (const [openedBy, subject] of [
        ['policy:x', 'user-1'],
        ['policy:y', 'user-1'],
        ['policy:x', 'user-2'],
      ] as const) {
        const columns = { status, opened_by: openedBy, subject, expires_at: expiresAt };
        const wanted = { openedBy: 'policy:x', subject: 'user-1', now: NOW };
        expect(says(IS_APPROVAL_OF, columns, 'policy:x', 'user-1', NOW)).toBe(
          isApprovalOf({ ...row, openedBy, subject }, wanted),
        );
      }
    }
  },
);

test.each([true, false])(
  'SQL finds a realm off where its settings say active: %s, and no realm that is not there (SEC-89)',
  (active) => {
    db.exec('CREATE TABLE IF NOT EXISTS realm (path TEXT PRIMARY KEY, settings TEXT NOT NULL)');
    const { realm, ...settings } = testRealm({ realm: '/alpha', active });
    db.prepare('INSERT OR REPLACE INTO realm VALUES (?, ?)').run(realm, JSON.stringify({ realm, ...settings }));
    const isOn = (path: string) => [
      says(textFor({ text: REALM_IS_ON }), {}, path),
      says(textFor({ text: isOfRealmThatIsOn('given') }), { realm: path }),
    ];
    expect([isOn('/alpha'), isOn('/nowhere')]).toEqual([
      [active, active],
      [true, true],
    ]);
  },
);

test('SQL and the rule of sessions say the same of when one is over', () => {
  for (const idle of [1_000, 1_001, 5_000]) {
    for (const most of [NOW, NOW + 1, NOW + 9_000]) {
      const row = sessionRow({ lastUsedAt: NOW - 1_000, maxIdleMillis: idle, maxExpiresAt: most });
      expect(says(IS_LIVE_SESSION, { expires_at: expiryOf(row) }, NOW)).toBe(isLiveSession(row, NOW));
    }
  }
});

test.each(['code', 'active'] as const)('SQL and the rules of grants say the same of one that is %s', (status) => {
  for (const expiresAt of [NOW - 1, NOW, NOW + 1]) {
    const row = grantRow({ status, expiresAt });
    expect(says(IS_REDEEMABLE, { status, expires_at: expiresAt }, NOW)).toBe(isRedeemable(row, NOW));
    expect(says(IS_LIVE_GRANT, { status, expires_at: expiresAt }, NOW)).toBe(isLiveGrant(row, NOW));
  }
  const { sid: _, ...without } = grantRow({ status });
  for (const row of [grantRow({ status }), without] as readonly OAuthGrant[]) {
    for (const wants of [{}, { wantsLogoutNotice: true }] as const) {
      const columns = { status, sid: row.sid ?? null, wants_logout_notice: 'wantsLogoutNotice' in wants ? 1 : 0 };
      expect(says(IS_TO_BE_TOLD, columns)).toBe(isToBeTold({ ...row, ...wants }));
    }
  }
});

test.each(['pending', 'approved', 'denied'] as const)(
  'SQL and the rules of devices that wait say the same: %s',
  (status) => {
    for (const expiresAt of [NOW - 1, NOW, NOW + 1]) {
      const row = pendingRow({ status, expiresAt });
      expect(says(IS_PENDING, { status, expires_at: expiresAt }, NOW)).toBe(isPending(row, NOW));
      expect(says(IS_APPROVED, { status, expires_at: expiresAt }, NOW)).toBe(isApproved(row, NOW));
    }
  },
);
