import { describe, expect, test } from 'vitest';
import type { BroughtUser } from '../ports/users-change.ts';
import { nodeOf, scriptOf, settingsOf, treeOf } from './describe-configuration.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  boundRow,
  type ConfigurationEdit,
  codeRow,
  commit,
  configuring,
  deviceRow,
  mustCommit,
  newUser,
  oathRow,
  passkeyRow,
  refusedAt,
} from './rows.ts';

export const describeCarriedRealms = (open: OpenStore): void => {
  describe('a realm that comes from elsewhere', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const change = async (given: ConfigurationEdit) => expect(await configuring(store()).change(given)).toBe(true);

    test('a realm is made with all that is in it, by one change (OPS-64)', async () => {
      const service = { realm: '/alpha', type: 'pushNotification', config: { key: 'v' } };
      const given = {
        putServices: [service],
        putScripts: [scriptOf('/alpha', '1')],
        putNodes: [nodeOf('/alpha', 'a')],
      };
      await change({ createRealm: settingsOf('/alpha'), ...given, publishTrees: [treeOf('/alpha', 'Login', 'a')] });
      const made = await configuration().load();
      expect(made).toMatchObject({ realms: [settingsOf('/alpha')], services: [service], scripts: given.putScripts });
      await change({ putRealm: settingsOf('/alpha', { locale: 'de' }), putServices: [{ ...service, config: {} }] });
      expect(await configuration().load()).toEqual({
        ...made,
        version: made.version + 1,
        realms: [settingsOf('/alpha', { locale: 'de' })],
        services: [{ ...service, config: {} }],
      });
    });

    test.each([
      ['a realm that is there', { createRealm: settingsOf('/alpha', { locale: 'de' }) }],
      ['a script of a name that another has', { putScripts: [scriptOf('/alpha', '2', { name: 'Script 1' })] }],
    ])('%s refuses all of a change (OPS-64)', async (_, given) => {
      await change({ createRealm: settingsOf('/alpha'), putScripts: [scriptOf('/alpha', '1')] });
      const before = await configuration().load();
      const service = { realm: '/alpha', type: 'pushNotification', config: {} };
      const { version: seenVersion } = before;
      const putRealm = settingsOf('/beta');
      expect(
        await commit(store(), {
          type: 'configuration.change',
          seenVersion,
          putRealm,
          putServices: [service],
          ...given,
        }),
      ).toEqual({ committed: false, refused: 'configuration.change' });
      expect(await configuration().load()).toEqual(before);
    });
  });
};

const brought = (id: string, given: Partial<BroughtUser> = {}): BroughtUser => ({
  id,
  realm: '/alpha',
  username: `name of ${id}`,
  active: true,
  attributes: { mail: [`${id}@example.com`] },
  credentialRev: 1,
  devices: [],
  oathDevices: [],
  passkeys: [],
  boundDevices: [],
  codes: [],
  consents: [],
  ...given,
});
const bring = (...users: readonly BroughtUser[]) => ({ type: 'users.insert', users }) as const;

/** Users of another server, with all that they have there (OPS-64). */
export const describeBroughtUsers = (open: OpenStore): void => {
  describe('users who are brought', () => {
    const store = freshStore(open);

    test('are what they were, and have what they had', async () => {
      const device = deviceRow({ userId: 'a', username: 'name of a' });
      const oath = oathRow({ userId: 'a', username: 'name of a', counter: 9, lastLoginSeconds: 1_700_000_040 });
      const passkey = passkeyRow({ userId: 'a', username: 'name of a' });
      const bound = boundRow({ userId: 'a', username: 'name of a' });
      const codes = (['push', 'oath'] as const).map((deviceType) =>
        codeRow({ id: `code of ${deviceType}`, userId: 'a', deviceType }),
      );
      const consent = { realm: '/alpha', userId: 'a', clientId: 'shop', scopes: ['openid', 'mail', 'openid'] };
      await mustCommit(
        store(),
        bring(
          brought('a', {
            active: false,
            hash: 'h',
            credentialRev: 7,
            devices: [device],
            oathDevices: [oath],
            passkeys: [passkey],
            boundDevices: [bound],
            codes,
            consents: [consent],
          }),
          brought('b', { entryId: 'entry-1', entryMark: 'mark-1' }),
        ),
      );
      const { identities, devices, oathDevices, consents } = store();
      expect(await identities.find('/alpha', 'NAME OF A')).toEqual({
        id: 'a',
        realm: '/alpha',
        username: 'name of a',
        active: false,
        attributes: { mail: ['a@example.com'] },
        rev: 1,
        credentialRev: 7,
      });
      expect([await identities.passwordHash('a'), await identities.passwordHash('b')]).toEqual(['h', undefined]);
      expect(await identities.findByEntry('/alpha', 'entry-1')).toMatchObject({ id: 'b', entryMark: 'mark-1' });
      expect(await identities.findByAttribute('/alpha', 'mail', 'A@example.com')).toMatchObject([{ id: 'a' }]);
      expect(await devices.ofUser('a')).toEqual([device]);
      expect(await oathDevices.ofUser('a')).toEqual([oath]);
      expect(await store().passkeys.ofUser('a')).toEqual([passkey]);
      expect(await store().boundDevices.ofUser('a')).toEqual([bound]);
      expect(await devices.codesBySelector('a', 'oath', ['selector-1'])).toEqual([codes[1]]);
      expect(await devices.countCodes('a', 'push')).toBe(1);
      expect((await devices.codesOfUser('a')).toSorted((one, other) => (one.id < other.id ? 1 : -1))).toEqual(codes);
      expect(await devices.codesOfUser('b')).toEqual([]);
      expect(await consents.ofUser('a', { limit: 9 })).toEqual([{ ...consent, scopes: ['openid', 'mail'] }]);
    });

    test('come by the hundred, each of them once', async () => {
      const users = Array.from({ length: 250 }, (_, at) => brought(`user-${at}`));
      await mustCommit(store(), bring(...users));
      const { users: found } = await store().identities.page('/alpha', { limit: 500 });
      expect(new Set(found.map(({ id }) => id)).size).toBe(250);
    });

    test.each<[what: string, given: Partial<BroughtUser>]>([
      ['whose id is taken', { id: 'user-1' }],
      ['whose name is taken', { username: 'ＤＥＭＯ' }],
      ['whose entry of the directory is taken', { entryId: 'entry-1' }],
      ['whose phone is another one’s', { devices: [deviceRow({ userId: 'new' })] }],
      ['whose generator is another one’s', { oathDevices: [oathRow({ userId: 'new' })] }],
      ['whose passkey is another one’s (WA-08)', { passkeys: [passkeyRow({ userId: 'new', uuid: 'of the new one' })] }],
      ['whose bound device is another one’s (WA-44)', { boundDevices: [boundRow({ userId: 'new' })] }],
      ['whose code has the id of another one', { codes: [codeRow({ userId: 'new' })] }],
    ])('all stay away for one %s', async (_what, given) => {
      await mustCommit(
        store(),
        newUser(),
        { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
        { type: 'oath.insert', row: oathRow(), maxDevices: 5 },
        { type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 },
        { type: 'bound.insert', row: boundRow(), maxDevices: 5 },
        { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
        bring(brought('seen', { entryId: 'entry-1' })),
      );
      expect(await commit(store(), bring(brought('first'), brought('new', given), brought('last')))).toEqual(
        refusedAt('users.insert'),
      );
      for (const id of ['first', 'new', 'last']) expect(await store().identities.findById(id)).toBeUndefined();
      expect(await store().devices.ofUser('user-1')).toHaveLength(1);
    });

    test('of one name among themselves, none comes', async () => {
      const refused = await commit(store(), bring(brought('a'), brought('b', { username: 'NAME OF A' })));
      expect(refused).toEqual(refusedAt('users.insert'));
    });

    test('none at all is no mistake', async () => {
      expect(await commit(store(), bring())).toEqual({ committed: true });
    });
  });
};
