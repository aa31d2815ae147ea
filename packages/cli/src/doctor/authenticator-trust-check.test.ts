import { metadataSources, sourceMark, webAuthnMetadataService } from '@assent/factors';
import { newAuthority } from '@assent/factors/testing';
import { openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { checkAuthenticatorTrust } from './authenticator-trust-check.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 10);
const MDS = 'https://mds.example.com/';
const root = newAuthority('Root');

const checked = async (
  config: object | undefined,
  kept: { no: number; nextUpdate: number; other?: true } | undefined,
  now = NOW,
) => {
  const store = await openMemoryStore();
  const services =
    config === undefined ? [] : [{ realm: '/alpha', type: 'webAuthnMetadataService', config: { ...config } }];
  if (kept !== undefined) {
    const [source] = metadataSources('/alpha', webAuthnMetadataService.parse({ fidoMetadataServiceUris: [MDS] }));
    if (source === undefined) throw new TypeError('There is no source.');
    const row = {
      realm: '/alpha',
      place: 0,
      source: kept.other ? 'another' : sourceMark(source),
      no: kept.no,
      nextUpdate: kept.nextUpdate,
      readAt: NOW,
      models: '[]',
    };
    await store.committer.commit([{ type: 'metadata.keep', row }]);
  }
  const load = async () => ({ ...(await store.configuration.load()), services });
  return checkAuthenticatorTrust({ ...store, configuration: { ...store.configuration, load } }, now);
};

test('a realm that trusts nobody is not spoken of, and one whose roots are good neither', async () => {
  expect(await checked(undefined, undefined)).toEqual([]);
  expect(await checked({ trustStores: { trustalias: root.pem } }, undefined)).toEqual([]);
});

test('metadata that was read is in order until a month after its next edition was due (WA-22)', async () => {
  const kept = { no: 7, nextUpdate: NOW };
  const config = { fidoMetadataServiceUris: [MDS] };
  expect(await checked(config, kept, NOW + 30 * DAY)).toEqual([
    {
      name: 'realm /alpha',
      status: 'ok',
      message: `Number 7 of the metadata of authenticators at ${MDS} was read on 2026-01-10; the next one is due on 2026-01-10.`,
    },
  ]);
  expect(await checked(config, kept, NOW + 30 * DAY + 1)).toMatchObject([
    { status: 'warning', message: expect.stringContaining('has been due since 2026-01-10.') },
  ]);
});

test('metadata that was not read, or was verified in another way, is told', async () => {
  for (const kept of [undefined, { no: 7, nextUpdate: NOW, other: true } as const])
    expect(await checked({ fidoMetadataServiceUris: [MDS] }, kept)).toMatchObject([
      { status: 'warning', message: `The metadata of authenticators at ${MDS} was not read yet.` },
    ]);
});

test('certificates that are over are told with the setting that has them', async () => {
  expect(await checked({ trustStores: { trustalias: root.pem } }, undefined, Date.UTC(3_100, 0))).toMatchObject([
    { status: 'warning', message: expect.stringContaining('certificate of Root in trustStores.trustalias') },
  ]);
});

test('settings that cannot be used are a problem, with the one that is wrong', async () => {
  expect(await checked({ trustStores: { trustalias: 'x' } }, undefined)).toMatchObject([
    {
      status: 'problem',
      message: expect.stringContaining('trustStores.trustalias of webAuthnMetadataService is wrong.'),
    },
  ]);
});
