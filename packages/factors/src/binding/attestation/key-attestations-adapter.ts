import { type Clock, type Configuration, madeOnce } from '@assent/engine';
import type { ReadOnlyUnitOfWork, Timer } from '@assent/engine/host';
import { cachedDocuments, type RealmSenders } from '@assent/push';
import { ANDROID_KEY_ATTESTATION_SERVICE, androidKeyAttestationService } from './android-key-attestation-service.ts';
import { readRevokedSerials, readRoots } from './attestation-documents.ts';
import { checkKeyAttestation } from './check-key-attestation.ts';
import type { KeyAttestations } from './key-attestations.ts';

export interface KeyAttestationDependencies {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly requests: RealmSenders;
  readonly clock: Clock;
  readonly timer: Timer;
}

const KIB = 1_024;
/** Google gives out two roots, and a list of some 100 KiB. */
const ROOT_BOUNDS = { one: 64 * KIB, ofRealm: 64 * KIB, all: 8 * KIB * KIB };
const REVOKED_BOUNDS = { one: 2 * KIB * KIB, ofRealm: 2 * KIB * KIB, all: 32 * KIB * KIB };
const NOT_REVOKED: ReadonlySet<string> = new Set();

const NOT_STORED = {};

/** By what the service stores: a realm may name hundreds of keys, which take a tenth of a second to read. */
const settingsOf = madeOnce((stored: Readonly<Record<string, unknown>>) => {
  const settings = androidKeyAttestationService.safeParse(stored);
  const roots = settings.data?.rootCertificates ?? '';
  return { settings, own: roots.trim() === '' ? [] : readRoots(roots) };
});

/** Attestations by the roots of the realm that a journey runs in: those of one realm are unknown to another (WA-21). */
export const keyAttestationsAdapter = ({ configuration, requests, clock, timer }: KeyAttestationDependencies) => {
  const reading = { requests, clock, timer };
  const rootsAt = cachedDocuments({
    ...reading,
    bounds: ROOT_BOUNDS,
    parse: (document) => readRoots(document.toString()),
  });
  const revokedAt = cachedDocuments({ ...reading, bounds: REVOKED_BOUNDS, parse: readRevokedSerials });

  return ({ realm: { realm } }: Pick<ReadOnlyUnitOfWork, 'realm'>): KeyAttestations => ({
    async check(attested) {
      const stored = configuration.service(realm, ANDROID_KEY_ATTESTATION_SERVICE)?.config ?? NOT_STORED;
      const { settings, own } = settingsOf(stored);
      if (!settings.success) return { status: 'unknown', cause: settings.error };
      const { publicKeyUrl, crlUrl } = settings.data;
      if (publicKeyUrl === '' && own.length === 0) return { status: 'noRoots' };
      const named = publicKeyUrl === '' ? [] : await rootsAt.read(realm, [publicKeyUrl]);
      for (const it of named) if (it.status === 'rejected') return { status: 'unknown', cause: it.reason };
      const roots = [...own, ...named.flatMap((it) => (it.status === 'fulfilled' ? it.value : []))];
      const checkedBy = (revoked: ReadonlySet<string>) =>
        checkKeyAttestation(attested, { roots, revoked, now: clock.now() });
      let checked = checkedBy(NOT_REVOKED);
      // A stranger has no list read by a chain of their own. Without a list nothing is attested, unless the realm wants none (WA-45).
      if (checked.ok && crlUrl !== '') {
        const [list] = await revokedAt.read(realm, [crlUrl]);
        if (list?.status !== 'fulfilled') return { status: 'unknown', cause: list?.reason };
        checked = checkedBy(list.value);
      }
      return checked.ok
        ? { status: 'attested', description: checked.description }
        : { status: 'refused', reason: checked.reason };
    },
  });
};
