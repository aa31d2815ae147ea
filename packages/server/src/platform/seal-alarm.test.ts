import { Writable } from 'node:stream';
import type { Change } from '@assent/engine/host';
import { simulatedClock } from '@assent/engine/testing';
import { messageIdHash } from '@assent/push';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { sealAlarm } from './seal-alarm.ts';

const raised = async (broken: { table: string; id: string; realm: string; userId: string }, fails = false) => {
  const lines: string[] = [];
  const changes: Change[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const committer = {
    async commit(given: readonly Change[]) {
      if (fails) throw new Error('the disk is full');
      changes.push(...given);
      return { committed: true } as const;
    },
  };
  sealAlarm({ committer, clock: simulatedClock(7), log: createLog({ level: 'info', destination }) })(broken);
  await new Promise(setImmediate);
  return { lines, changes };
};

test('a record that does not open is an error in the log and an event in the audit trail (A7, SEC-74)', async () => {
  const { lines, changes } = await raised({ table: 'device', id: 'uuid-1', realm: '/alpha', userId: 'u' });
  expect(lines.join()).toContain('A sealed record does not open');
  expect(changes).toEqual([
    {
      type: 'audit.append',
      event: {
        at: 7,
        event: 'SEAL_BROKEN',
        realm: '/alpha',
        transactionId: 'seal-alarm',
        userId: 'u',
        detail: { table: 'device', record: 'uuid-1' },
      },
    },
  ]);
});

test('the id of a message is what answers name it by, so its hash stands for it', async () => {
  const { lines, changes } = await raised({ table: 'push_message.claims', id: 'REGISTER:1', realm: '', userId: '' });
  expect(JSON.stringify([lines, changes])).not.toContain('REGISTER:1');
  expect(changes[0]).toMatchObject({ event: { realm: '/', detail: { record: messageIdHash('REGISTER:1') } } });
});

test('an audit trail that cannot be written stops nobody', async () => {
  const { lines } = await raised({ table: 'node', id: 'n', realm: '/', userId: '' }, true);
  expect(lines.join()).toContain('could not be put into the audit trail');
});
