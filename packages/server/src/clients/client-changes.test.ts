import type { ClientDocument } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { core, own } from '../testing/client-documents.ts';
import { savedClient } from './client-changes.ts';

const ACTOR = { at: 0, transactionId: 't', by: 'command line' } as const;

const clientOf = (status: string, given: Partial<ClientDocument> = {}): ClientDocument => ({
  realm: '/',
  id: 'svc',
  document: core({ status: own(status) }),
  ...given,
});

const saved = (before: ClientDocument | undefined, after: ClientDocument): ClientDocument => {
  const [client] = savedClient(before, after, ACTOR).change.putClients ?? [];
  if (client === undefined) throw new Error('nothing is saved');
  return client;
};

test('each creation gives the client another generation, also where the caller brings one along (SEC-90)', () => {
  const made = [saved(undefined, clientOf('Active')), saved(undefined, clientOf('Active', { generation: 'brought' }))];
  for (const { generation } of made) expect(generation).toMatch(/^[\w-]{22}$/);
  expect(made[0]?.generation).not.toBe(made[1]?.generation);
});

test.each<[string, string, boolean]>([
  ['Active', 'Inactive', true],
  ['Active', 'Active', false],
  ['Inactive', 'Active', false],
  ['Inactive', 'Inactive', false],
])('a change from %s to %s gives another generation: %s (SEC-90)', (from, to, isAnother) => {
  const before = clientOf(from, { generation: 'first' });
  for (const brought of [{}, { generation: 'brought' }]) {
    const { generation } = saved(before, clientOf(to, brought));
    expect(generation).not.toBe('brought');
    expect(generation !== 'first').toBe(isAnother);
  }
});

test('a client from before generations gets one with its deactivation, and not with other changes (SEC-90)', () => {
  expect(saved(clientOf('Active'), clientOf('Active', { generation: 'brought' }))).not.toHaveProperty('generation');
  expect(saved(clientOf('Active'), clientOf('Inactive')).generation).toMatch(/^[\w-]{22}$/);
});

test('the audit log says nothing of the generation', () => {
  const { change, events } = savedClient(clientOf('Active'), clientOf('Inactive'), ACTOR);
  expect(JSON.stringify(events)).not.toContain(change.putClients?.[0]?.generation);
  expect(events[0]).toMatchObject({ detail: { changed: 'coreOAuth2ClientConfig.status' } });
});
