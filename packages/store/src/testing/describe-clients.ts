import type { ClientDocument } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { type ConfigurationEdit, commit, configuring } from './rows.ts';

export const clientOf = (realm: string, id: string, given: Partial<ClientDocument> = {}): ClientDocument => ({
  realm,
  id,
  document: { coreOAuth2ClientConfig: { status: { inherited: false, value: 'Active' } } },
  ...given,
});

export const describeClients = (open: OpenStore): void => {
  describe('clients of OAuth', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const change = async (given: ConfigurationEdit) => expect(await configuring(store()).change(given)).toBe(true);
    const clients = async () =>
      [...(await configuration().load()).clients].sort((a, b) =>
        `${a.realm} ${a.id}` < `${b.realm} ${b.id}` ? -1 : 1,
      );

    test('a client that was seen before somebody else changed it stays as they left it', async () => {
      const seenVersion = await configuration().version();
      await change({ putClients: [clientOf('/', 'app', { secretDigest: 'theirs' })] });
      const late = await commit(store(), {
        type: 'configuration.change',
        seenVersion,
        putClients: [clientOf('/', 'app', { secretDigest: 'ours' })],
      });
      expect(late).toEqual({ committed: false, refused: 'configuration.change' });
      expect(await clients()).toEqual([clientOf('/', 'app', { secretDigest: 'theirs' })]);
    });

    test('what another change of the commit undoes leaves the clients as they were', async () => {
      await change({ putClients: [clientOf('/', 'stays'), clientOf('/', 'app')] });
      const before = await clients();
      const seenVersion = await configuration().version();
      const refused = await commit(
        store(),
        {
          type: 'configuration.change',
          seenVersion,
          putClients: [clientOf('/', 'app', { secretDigest: 'x' }), clientOf('/', 'new')],
          deleteClients: [{ realm: '/', id: 'stays' }],
        },
        { type: 'throttle.put', row: { subject: 's', hits: [], lockedUntil: 0, rev: 7 } },
      );
      expect(refused.committed).toBe(false);
      expect(await clients()).toEqual(before);
      expect(await configuration().version()).toBe(seenVersion);
    });

    test('a client comes back as it was stored, is replaced whole, and is deleted in its realm alone', async () => {
      const document = { a: { 'name|de': '\u00fc \u{1f511}', list: [1, null, { deep: true }] } };
      await change({ putClients: [clientOf('/', 'App', { document, secretDigest: 'd' }), clientOf('/', 'app')] });
      await change({ putClients: [clientOf('/alpha', 'app'), clientOf('/', 'gone')] });
      await change({ putClients: [clientOf('/', 'app', { document })], deleteClients: [{ realm: '/', id: 'gone' }] });
      expect(await clients()).toEqual([
        clientOf('/', 'App', { document, secretDigest: 'd' }),
        clientOf('/', 'app', { document }),
        clientOf('/alpha', 'app'),
      ]);
      await change({ putClients: [clientOf('/', 'App', { document })] });
      expect((await clients())[0]).not.toHaveProperty('secretDigest');
    });

    test('keeps the generation of a client outside its document, and none where the client has none (SEC-90)', async () => {
      const first = clientOf('/', 'app', { generation: 'first', secretDigest: 'd' });
      await change({ putClients: [first, clientOf('/', 'older')] });
      expect(await clients()).toEqual([first, clientOf('/', 'older')]);
      await change({ putClients: [{ ...first, generation: 'second' }] });
      expect((await clients())[0]).toEqual({ ...first, generation: 'second' });
      await change({ putClients: [clientOf('/', 'app')] });
      expect((await clients())[0]).not.toHaveProperty('generation');
    });
  });
};
