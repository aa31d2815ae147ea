import type { KeyObject } from 'node:crypto';
import type { Clock, Configuration } from '@assent/engine';
import type { ReadOnlyUnitOfWork } from '@assent/engine/host';
import { cachedDocuments } from '../../outbound/cached-documents.ts';
import type { GuardedRequests } from '../../outbound/guarded-requests.ts';
import { ANDROID_KEY_ATTESTATION_SERVICE, androidKeyAttestationService } from './android-key-attestation-service.ts';
import { readRevokedSerials, readRoots } from './attestation-documents.ts';
import { checkKeyAttestation } from './check-key-attestation.ts';
import type { KeyAttestations } from './key-attestations.ts';

export interface KeyAttestationDependencies {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly requests: Pick<GuardedRequests, 'send'>;
  readonly clock: Clock;
}

/** Attestations by the roots of the realm that a journey runs in: those of one realm are unknown to another (WA-21). */
export const keyAttestationsAdapter = ({ configuration, requests, clock }: KeyAttestationDependencies) => {
  const rootsAt = cachedDocuments({ requests, clock, parse: (document) => readRoots(document.toString()) });
  const revokedAt = cachedDocuments({ requests, clock, parse: (document) => readRevokedSerials(document.toString()) });

  return ({ realm: { realm } }: Pick<ReadOnlyUnitOfWork, 'realm'>): KeyAttestations => ({
    async check(attested) {
      const stored = configuration.service(realm, ANDROID_KEY_ATTESTATION_SERVICE)?.config ?? {};
      const settings = androidKeyAttestationService.safeParse(stored);
      if (!settings.success) return { status: 'unknown', cause: settings.error };
      const { publicKeyUrl, crlUrl, rootCertificates } = settings.data;
      if (publicKeyUrl === '' && rootCertificates.trim() === '') return { status: 'noRoots' };
      let roots: readonly KeyObject[];
      let revoked: ReadonlySet<string>;
      try {
        // Without a list of what is revoked nothing is attested, unless the realm wants none (WA-45).
        [roots, revoked] = await Promise.all([
          publicKeyUrl === '' ? [] : rootsAt.read(realm, publicKeyUrl),
          crlUrl === '' ? new Set<string>() : revokedAt.read(realm, crlUrl),
        ]);
      } catch (cause) {
        return { status: 'unknown', cause };
      }
      const own = rootCertificates.trim() === '' ? [] : readRoots(rootCertificates);
      const checked = checkKeyAttestation(attested, { roots: [...own, ...roots], revoked, now: clock.now() });
      return checked.ok
        ? { status: 'attested', description: checked.description }
        : { status: 'refused', reason: checked.reason };
    },
  });
};
