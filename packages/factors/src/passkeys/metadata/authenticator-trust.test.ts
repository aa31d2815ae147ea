import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceDocument } from '@assent/engine/host';
import { movableClock } from '@assent/push/testing';
import { watchedStore } from '@assent/store/testing/watched';
import { describe, expect, test, vi } from 'vitest';
import {
  issueRevocationList,
  metadataEntry,
  newAuthority,
  newMetadataSigner,
  sharedPasskeyLibrary,
  signedMetadata,
} from '../../testing/authenticator/index.ts';
import { readMetadataSettings } from '../trust/metadata-service.ts';
import { authenticatorTrusts, metadataSources } from './authenticator-trust.ts';
import { sourceMark } from './kept-metadata.ts';

const DAY = 24 * 3_600_000;
const MDS = 'https://mds.example.com/';
const CRL = 'https://crl.example.com/list';
const AAGUID = '00112233-4455-6677-8899-aabbccddeeff';
const root = newAuthority('Root');
const signer = newMetadataSigner(root);
const edition = (no: number, description = `edition ${no}`, by = signer) =>
  signedMetadata(by, { no, entries: [metadataEntry(AAGUID, { roots: [root.certificate], description })] });
const SETTINGS = { fidoMetadataServiceUris: [MDS], metadataRoots: root.pem };

/** One document for each version of the settings that a realm saves. */
const documents = new WeakMap<object, Map<string, ServiceDocument>>();
const documentOf = (saved: object, realm: string, type: string): ServiceDocument => {
  const ofRealms = documents.get(saved) ?? new Map<string, ServiceDocument>();
  documents.set(saved, ofRealms);
  const document = ofRealms.get(realm) ?? { realm, type, config: { ...saved } };
  ofRealms.set(realm, document);
  return document;
};

/** Documents that a test changes, realms that read them, and instances that share a store. */
const setUp = (config: object = SETTINGS, metadata: readonly string[] = []) => {
  const clock = movableClock(Date.UTC(2026, 0, 1));
  const documents = new Map<string, string | Uint8Array | Promise<never>>([[MDS, edition(7)]]);
  const services = new Map<string, object>([['/alpha', config]]);
  const asked: string[] = [];
  const sizes: (number | undefined)[] = [];
  const warnings: string[] = [];
  const store = watchedStore();
  const kept = store.reader('authenticatorMetadata');
  const loaded: string[] = [];
  const rows = {
    get: (realm: string, place: number) => {
      loaded.push(realm);
      return kept.get(realm, place);
    },
    ofRealm: (realm: string) => kept.ofRealm(realm),
  };
  const deadlines = new Set<() => void>();
  const timer = (_millis: number, action: () => void) => {
    deadlines.add(action);
    return () => deadlines.delete(action);
  };
  const instance = () => {
    const trusts = authenticatorTrusts({
      committer: store.committer,
      rows,
      timer,
      files: { metadata, revocationLists: [] },
      clock,
      library: sharedPasskeyLibrary(),
      configuration: {
        service: (realm, type) => {
          const found = services.get(realm);
          return found && documentOf(found, realm, type);
        },
      },
      requests: {
        of: () => ({
          async send(url, { maxBytes }) {
            asked.push(url.href);
            sizes.push(maxBytes);
            const document = await documents.get(url.href);
            if (document === undefined) throw new Error('nobody there');
            return { status: document === '' ? 500 : 200, headers: {}, body: Buffer.from(document) };
          },
        }),
      },
      log: { warn: (message, { cause }) => void warnings.push(`${message} ${(cause as Error)?.message ?? ''}`) },
    });
    return {
      trusts,
      described: async (realm = '/alpha', waits = true) =>
        (await trusts(realm).modelOf(AAGUID, { waits }))?.description,
    };
  };
  const letDeadlinesPass = () => {
    for (const pass of deadlines) pass();
  };
  return {
    store,
    clock,
    documents,
    services,
    asked,
    sizes,
    warnings,
    kept,
    loaded,
    letDeadlinesPass,
    instance,
    ...instance(),
  };
};

describe('metadata', () => {
  test('is asked for by nobody before its first use, and then once a day', async () => {
    const it = setUp();
    expect(it.trusts('/alpha').rootsUnder('trustalias')).toEqual([]);
    expect(it.asked).toEqual([]);
    expect(await Promise.all([it.described(), it.described(), it.described()])).toEqual(Array(3).fill('edition 7'));
    it.clock.advance(DAY - 1);
    expect(await it.described()).toBe('edition 7');
    expect(it.asked).toEqual([MDS]);
  });

  test('may have 12 MiB (SEC-93)', async () => {
    const it = setUp();
    await it.described();
    expect(it.sizes).toEqual([12 * 1_024 * 1_024]);
  });

  test('is replaced by the next edition while the last one is still good for whoever asks', async () => {
    const it = setUp();
    await it.described();
    it.documents.set(MDS, edition(8));
    it.clock.advance(DAY);
    expect(await it.described()).toBe('edition 7');
    await vi.waitFor(async () => expect(await it.described()).toBe('edition 8'));
    expect(it.asked).toHaveLength(2);
  });

  test('is waited for by nobody who only shows a page', async () => {
    const it = setUp();
    expect(await it.described('/alpha', false)).toBeUndefined();
    await vi.waitFor(async () => expect(await it.described('/alpha', false)).toBe('edition 7'));
  });

  test.each<[string, string | undefined, string]>([
    ['is not there', undefined, 'nobody there'],
    ['is an error', '', 'The answer has the status 500.'],
    ['is forged (WA-22)', edition(9, 'forged', newMetadataSigner(newAuthority('Root'))), 'lead to no root'],
    ['is an earlier one (WA-22)', edition(6), 'It is number 6, and number 7 was there before.'],
  ])('stays what it was where what is read next %s', async (_what, document, cause) => {
    const it = setUp();
    await it.described();
    if (document === undefined) it.documents.delete(MDS);
    else it.documents.set(MDS, document);
    it.clock.advance(DAY);
    await it.described();
    await vi.waitFor(() => expect(it.warnings).toHaveLength(1));
    expect(it.warnings[0]).toContain(cause);
    expect(await it.described()).toBe('edition 7');
    expect((await it.kept.get('/alpha', 0))?.no).toBe(7);
    // Nor does a new process take it.
    expect(await it.instance().described()).toBe('edition 7');
  });

  test('is none where nothing could be read yet, and is asked for again after ten minutes', async () => {
    const it = setUp();
    it.documents.set(MDS, 'x');
    expect([await it.described(), await it.described()]).toEqual([undefined, undefined]);
    expect(it.asked).toHaveLength(1);
    it.documents.set(MDS, edition(7));
    it.clock.advance(10 * 60_000);
    expect(await it.described()).toBe('edition 7');
  });

  test('is of all instances: what one has read the others go by, and none goes back', async () => {
    const it = setUp();
    await it.described();
    const other = it.instance();
    expect(await other.described()).toBe('edition 7');
    expect(it.asked).toHaveLength(1);
    // One of them reads a later one, and an address that lags behind gives the other an earlier one.
    it.documents.set(MDS, edition(9));
    it.clock.advance(DAY);
    await other.described();
    await vi.waitFor(async () => expect(await other.described()).toBe('edition 9'));
    it.documents.set(MDS, edition(8));
    await it.described();
    await vi.waitFor(async () => expect(await it.described()).toBe('edition 9'));
    expect(it.asked).toHaveLength(2);
  });

  test('is of the realm that names it, and of no other (WA-21)', async () => {
    const it = setUp();
    await it.described();
    expect(await it.described('/beta')).toBeUndefined();
    it.services.set('/beta', { ...SETTINGS, metadataRoots: newAuthority('Other').pem });
    expect(await it.described('/beta')).toBeUndefined();
  });

  test('that was verified by other roots counts no more, also where it cannot be read anew', async () => {
    const it = setUp();
    await it.described();
    it.services.set('/alpha', { ...SETTINGS, metadataRoots: newAuthority('Other').pem });
    expect(await it.described()).toBeUndefined();
    it.services.set('/alpha', SETTINGS);
    expect(await it.described()).toBe('edition 7');
  });

  test('may stand at several addresses, the first of which that knows a model tells of it, and in files of the operator', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assent-metadata-'));
    try {
      const file = join(folder, 'blob.jwt');
      writeFileSync(file, edition(3, 'of the file'));
      const nowhere = { ...SETTINGS, fidoMetadataServiceUris: ['https://nobody.example.com/'] };
      const it = setUp(nowhere, [file]);
      expect(await it.described()).toBe('of the file');
      expect(it.asked).toEqual(['https://nobody.example.com/']);
      const none = setUp({ ...SETTINGS, fidoMetadataServiceUris: [] }, [folder]);
      expect(await none.described()).toBeUndefined();
      expect(none.warnings[0]).toContain('It is no file.');
      // A realm names no file, however its service was stored (SEC-72).
      const ofRealm = setUp({ ...SETTINGS, fidoMetadataServiceUris: [pathToFileURL(file).href] });
      expect(await ofRealm.described()).toBeUndefined();
      expect(ofRealm.warnings).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('of a signer who may be revoked is none where that is enforced', async () => {
    const enforced = { ...SETTINGS, enforceRevocationCheck: true, revocationLists: [CRL] };
    const it = setUp(enforced);
    expect(await it.described()).toBeUndefined();
    const good = setUp(enforced);
    good.documents.set(CRL, issueRevocationList(root));
    expect(await good.described()).toBe('edition 7');
  });

  test('SEC-93: by another root than that of the realm has no list of revoked certificates read', async () => {
    const it = setUp({ ...SETTINGS, enforceRevocationCheck: true, revocationLists: [CRL] });
    it.documents.set(MDS, edition(7, 'forged', newMetadataSigner(newAuthority('Root'))));
    expect(await it.described()).toBeUndefined();
    expect(it.asked).toEqual([MDS]);
  });
});

/** Sources of a realm whose stored editions are as large as that, 4 MB where absent; only the last one knows the model. */
const largeEditions = async (
  it: ReturnType<typeof setUp>,
  count: number,
  { name = 'large', length = 4_000_000 }: { readonly name?: string; readonly length?: number } = {},
) => {
  const addresses = Array.from({ length: count }, (_, at) => `https://${name}-${at}.example.com/`);
  const config = { ...SETTINGS, fidoMetadataServiceUris: addresses };
  const settings = readMetadataSettings(config).data;
  if (settings === undefined) throw new Error('The settings are not valid.');
  for (const [place, source] of metadataSources('/greedy', settings).entries()) {
    const aaguid = place === count - 1 ? AAGUID : `00112233-4455-6677-8899-${String(place).padStart(12, '0')}`;
    const model = {
      aaguid,
      description: `${name} ${place}`,
      statuses: [],
      roots: ['A'.repeat(length)],
      isHardware: true,
    };
    const row = { realm: '/greedy', place, source: sourceMark(source), no: 1, nextUpdate: it.clock.now() + DAY };
    await it.store.committer.commit([
      { type: 'metadata.keep', row: { ...row, readAt: it.clock.now(), models: JSON.stringify([model]) } },
    ]);
  }
  it.services.set('/greedy', config);
};

/** Addresses that accept a request and never answer. */
const deadAddresses = (documents: Map<string, string | Uint8Array | Promise<never>>, count: number) => {
  const addresses = Array.from({ length: count }, (_, at) => `https://dead-${at}.example.com/`);
  for (const address of addresses) documents.set(address, new Promise<never>(() => {}));
  return { ...SETTINGS, fidoMetadataServiceUris: addresses };
};

describe('metadata of several realms (SEC-93)', () => {
  test('a realm whose addresses never answer has one request under way, and holds up no other realm', async () => {
    const it = setUp();
    it.services.set('/greedy', deadAddresses(it.documents, 20));
    // A page that is shown asks for all of them and waits for none.
    expect(await it.described('/greedy', false)).toBeUndefined();
    await vi.waitFor(() => expect(it.asked).toEqual(['https://dead-0.example.com/']));
    expect(await it.described()).toBe('edition 7');
    expect(it.asked).toEqual(['https://dead-0.example.com/', MDS]);
    expect(it.warnings).toEqual([]);
  });

  test('a realm whose lists of revoked certificates never answer holds up no other realm', async () => {
    const it = setUp();
    const lists = deadAddresses(it.documents, 20).fidoMetadataServiceUris;
    it.services.set('/greedy', { ...SETTINGS, enforceRevocationCheck: true, revocationLists: lists });
    expect(await it.described('/greedy', false)).toBeUndefined();
    await vi.waitFor(() => expect(it.asked).toEqual([MDS, ...lists.slice(0, 8)]));
    expect(await it.described()).toBe('edition 7');
  });

  test('a read without a place by the deadline refuses a caller who waits, and is made at the next use', async () => {
    const it = setUp();
    it.services.set('/greedy', deadAddresses(it.documents, 2));
    await it.described('/greedy', false);
    await vi.waitFor(() => expect(it.asked).toHaveLength(1));
    it.services.set('/greedy', SETTINGS);
    const waiting = it.described('/greedy');
    const refused = expect(waiting).rejects.toMatchObject({ code: 'OVERLOADED' });
    await new Promise((resolve) => setImmediate(resolve));
    it.letDeadlinesPass();
    await refused;
    expect(it.asked).toHaveLength(1);
  });

  test('the last edition stays good where the next one is not read by the deadline', async () => {
    const it = setUp();
    await it.described();
    it.clock.advance(DAY);
    const other = it.instance();
    it.services.set('/alpha', deadAddresses(it.documents, 1));
    await other.described('/alpha', false);
    await vi.waitFor(() => expect(it.asked).toHaveLength(2));
    it.services.set('/alpha', SETTINGS);
    const waiting = other.described();
    await new Promise((resolve) => setImmediate(resolve));
    it.letDeadlinesPass();
    expect(await waiting).toBe('edition 7');
    expect(it.asked).toHaveLength(2);
    expect(it.warnings[0]).toContain('cannot be read anew');
  });

  test('a realm with many addresses evicts no edition of another realm', async () => {
    const it = setUp();
    await it.described();
    const addresses = Array.from({ length: 20 }, (_, at) => `https://small-${at}.example.com/`);
    it.services.set('/greedy', { ...SETTINGS, fidoMetadataServiceUris: addresses });
    expect(await it.described('/greedy')).toBeUndefined();
    expect(it.asked).toHaveLength(21);
    const before = it.loaded.filter((realm) => realm === '/alpha').length;
    expect(await it.described()).toBe('edition 7');
    expect(it.loaded.filter((realm) => realm === '/alpha')).toHaveLength(before);
  });
});

describe('editions above the share of their realm (SEC-93)', () => {
  test('an edition within 16 MiB of its realm is used', async () => {
    const it = setUp();
    await largeEditions(it, 4);
    expect(await it.described('/greedy')).toBe('large 3');
    expect(it.warnings).toEqual([]);
  });

  test('an edition above 16 MiB of its realm is left out, and is not read again for each request', async () => {
    const it = setUp();
    await largeEditions(it, 20);
    expect(await it.described('/greedy')).toBeUndefined();
    expect(it.warnings).toHaveLength(16);
    expect(it.warnings[0]).toContain('name fewer addresses');
    const loaded = it.loaded.length;
    for (let requests = 0; requests < 5; requests += 1) await it.described('/greedy', false);
    expect(it.loaded).toHaveLength(loaded);
  });

  test('an address that the realm no longer names leaves its room to the others', async () => {
    const it = setUp();
    await largeEditions(it, 4);
    await it.described('/greedy');
    await largeEditions(it, 1, { name: 'larger', length: 8_000_000 });
    expect(await it.described('/greedy')).toBe('larger 0');
    expect(it.warnings).toEqual([]);
  });

  test('the event loop turns between the editions of a realm', async () => {
    const it = setUp();
    await largeEditions(it, 4);
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 20 }, () => it.described('/greedy')));
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});

describe('trusted certificates', () => {
  test('stand under an alias of their realm (WA-21)', () => {
    const it = setUp({ trustStores: { trustalias: root.pem, empty: '' } });
    const subjects = (realm: string, alias: string) =>
      it
        .trusts(realm)
        .rootsUnder(alias)
        .map(({ subject }) => /CN=(.*)/.exec(subject)?.[1]);
    expect(subjects('/alpha', 'trustalias')).toEqual(['Root']);
    for (const alias of ['empty', 'other', '', 'toString']) expect(subjects('/alpha', alias)).toEqual([]);
    expect(subjects('/beta', 'trustalias')).toEqual([]);
  });

  test('are none where the service cannot be read, which is told', async () => {
    const it = setUp({ trustStores: { trustalias: root.pem, other: 'x' } });
    expect(it.trusts('/alpha').rootsUnder('trustalias')).toEqual([]);
    expect(it.warnings[0]).toContain('The realm trusts no authenticator');
  });

  test('SEC-93: that cannot be read are read once for each saved service, however often they are asked for', () => {
    const it = setUp({ trustStores: { trustalias: 'x' } });
    for (let n = 0; n < 3; n += 1) expect(it.trusts('/alpha').rootsUnder('trustalias')).toEqual([]);
    expect(it.warnings).toHaveLength(1);
    it.services.set('/alpha', { trustStores: { trustalias: 'y' } });
    expect(it.trusts('/alpha').rootsUnder('trustalias')).toEqual([]);
    expect(it.warnings).toHaveLength(2);
  });

  test('SEC-93: are read once for each saved service, and not at all for metadata', async () => {
    const read: string[] = [];
    const watched = (saved: object) =>
      Object.defineProperty(saved, 'trustStores', {
        enumerable: true,
        get: () => {
          read.push('trustStores');
          return { trustalias: root.pem };
        },
      });
    const it = setUp();
    const save = () => {
      const saved = { ...SETTINGS };
      it.services.set('/alpha', saved);
      watched(documentOf(saved, '/alpha', 'webAuthnMetadataService').config);
    };
    save();
    for (let n = 0; n < 100; n += 1) await it.trusts('/alpha').modelOf(AAGUID, { waits: false });
    expect(read).toEqual([]);
    const first = it.trusts('/alpha').rootsUnder('trustalias');
    expect(first).toHaveLength(1);
    expect(it.trusts('/alpha').rootsUnder('trustalias')).toBe(first);
    expect(read).toHaveLength(1);
    save();
    expect(it.trusts('/alpha').rootsUnder('trustalias')).not.toBe(first);
    expect(read).toHaveLength(2);
  });

  test('SEC-93: 20 lists of revoked certificates, as many as a realm may name, are read once a day', async () => {
    const addresses = Array.from({ length: 20 }, (_, at) => `https://crl.example.com/${at}`);
    const it = setUp({ revocationLists: addresses });
    for (const address of addresses) it.documents.set(address, issueRevocationList(root));
    for (let n = 0; n < 3; n += 1) expect(await it.trusts('/alpha').revocationLists()).toHaveLength(20);
    expect(it.asked).toEqual(addresses);
  });

  test('one list of revoked certificates that cannot be read leaves the others', async () => {
    const it = setUp({ revocationLists: ['https://nobody.example.com/', CRL] });
    it.documents.set(CRL, issueRevocationList(root));
    expect(await it.trusts('/alpha').revocationLists()).toHaveLength(1);
    expect(it.warnings[0]).toContain('A list of revoked certificates cannot be read.');
  });
});
