import type { ClientDocument } from '@assent/engine/host';
import { readClientGenerations } from '@assent/oidc';
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

const generationsOf = (client: ClientDocument) => readClientGenerations(client.generation);
const FIRST = ['a', 'b', 'c'].map((letter) => letter.repeat(22));
const acr = (value: string) => ({
  advancedOAuth2ClientConfig: { customProperties: own([`assent.requiredAcr=${value}`]) },
});

test('each creation gives the client other generations, also where the caller brings some along (SEC-90)', () => {
  const made = [saved(undefined, clientOf('Active')), saved(undefined, clientOf('Active', { generation: 'brought' }))];
  for (const { generation } of made) expect(generation).toMatch(/^[\w-]{66}$/);
  const all = made.flatMap((client) => Object.values(generationsOf(client)));
  expect(new Set(all).size).toBe(6);
});

test.each<[string, ClientDocument, ClientDocument, readonly string[]]>([
  ['is deactivated', clientOf('Active'), clientOf('Inactive'), ['generation', 'grantGeneration']],
  ['stays active', clientOf('Active'), clientOf('Active'), []],
  ['is activated', clientOf('Inactive'), clientOf('Active'), []],
  ['stays inactive', clientOf('Inactive'), clientOf('Inactive'), []],
  [
    'requires a class',
    clientOf('Active'),
    clientOf('Active', { document: { ...clientOf('Active').document, ...acr('push') } }),
    ['grantGeneration'],
  ],
])(
  'a client that %s gets other generations of what ends, and of nothing else (SEC-90, OIDC-11)',
  (_, before, after, ended) => {
    const [a, b, c] = FIRST;
    for (const brought of [{}, { generation: 'brought' }]) {
      const now = generationsOf(saved({ ...before, generation: FIRST.join('') }, { ...after, ...brought }));
      const old = { generation: a, grantGeneration: b, consentGeneration: c };
      const changed = Object.entries(old).filter(([name, value]) => now[name as keyof typeof now] !== value);
      expect(changed.map(([name]) => name)).toEqual(ended);
      expect(Object.values(now)).not.toContain('brought');
    }
  },
);

test('a client from before generations gets one with its deactivation, and not with other changes (SEC-90)', () => {
  expect(saved(clientOf('Active'), clientOf('Active', { generation: 'brought' }))).not.toHaveProperty('generation');
  expect(saved(clientOf('Active'), clientOf('Inactive')).generation).toMatch(/^[\w-]{44}$/);
});

test('the audit log says nothing of the generation', () => {
  const { change, events } = savedClient(clientOf('Active'), clientOf('Inactive'), ACTOR);
  expect(JSON.stringify(events)).not.toContain(change.putClients?.[0]?.generation);
  expect(events[0]).toMatchObject({ detail: { changed: 'coreOAuth2ClientConfig.status' } });
});
