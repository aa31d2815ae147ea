import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderWorld } from '../provider-world.ts';
import { assentPeer } from './assent-peer.ts';
import { CB } from './clients.ts';
import { DIFFERENCES } from './differences.ts';
import { type LibraryPeer, startLibraryPeer } from './library-peer.ts';
import type { Answer, Peer } from './peer.ts';
import { CORPUS } from './whole-corpus.ts';

const LISTED = Object.entries(DIFFERENCES).flatMap(([because, differences]) =>
  differences.flatMap(({ cases, ours, theirs }) => cases.map((name) => ({ name, because, ours, theirs }))),
);

/** AM names the client in its answers to `authorize`, and so does Assent (SDKs read it); `oidc-provider` does not. */
const withoutClient = (text: string): string => text.replace(/\bclient_id /, '');

/** What every answer of ours to a client must be: of this issuer, with the state as it came (OIDC-07, OIDC-08). */
const demandWhole = ({ issuer }: Peer, { fields, status, text }: Answer, other: Answer): void => {
  expect(status, text).toBeLessThan(500);
  if (!text.startsWith(`to ${CB}`)) return;
  expect(fields.iss).toBe(issuer);
  if (other.fields.state !== undefined) expect(fields.state ?? other.fields.state).toBe(other.fields.state);
};

/**
 * The same requests to Assent and to `oidc-provider`, which is certified: status, error, and where an answer leads and by which way are
 * the same, but for a written list (docs/adr/0061).
 */
export const describeOracle = (world: () => ProviderWorld): void => {
  describe('what oidc-provider answers', () => {
    let ours: Peer;
    let theirs: LibraryPeer;
    beforeAll(async () => {
      theirs = await startLibraryPeer();
      ours = await assentPeer(world());
    });
    afterAll(() => theirs?.close());

    test.each(CORPUS)('$name', async ({ name, run }) => {
      const [own, other] = [await run(ours), await run(theirs)];
      demandWhole(ours, own, other);
      const listed = LISTED.find((it) => it.name === name);
      const text = withoutClient(own.text);
      if (listed === undefined) expect(text).toBe(other.text);
      else expect({ ours: text, theirs: other.text }).toEqual({ ours: listed.ours, theirs: listed.theirs });
    });

    test('no case is there twice, and no difference is one of a case that is not there, or is none', () => {
      const names = CORPUS.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(LISTED.map(({ name }) => name)).size).toBe(LISTED.length);
      for (const listed of LISTED) {
        expect(names).toContain(listed.name);
        expect(listed.ours).not.toBe(listed.theirs);
        expect(listed.because).toMatch(/§\d/);
      }
    });
  });
};
