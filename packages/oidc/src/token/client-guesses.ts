import { createHash } from 'node:crypto';
import type { ThrottlePolicy } from '@assent/engine';
import { auditChange, type Change, type EngineChange, isLocked, sourceOf } from '@assent/engine/host';
import type { OAuthClient } from '../model/clients.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** At one client from one place: as it is with passwords. */
export const CLIENT_POLICY: ThrottlePolicy = {
  windowMillis: 24 * HOUR,
  free: 5,
  lockMillis: MINUTE / 2,
  maxLockMillis: HOUR,
};

/** At all clients from one place; counted apart from its users' passwords, so that an application in error shuts none of them out. */
export const CLIENTS_OF_PLACE_POLICY: ThrottlePolicy = {
  windowMillis: HOUR,
  free: 100,
  lockMillis: MINUTE,
  maxLockMillis: 15 * MINUTE,
};

/** What of a client's proof belongs into the commit of what it is proven for. */
export interface ClientGuesses {
  /** Until when nothing that could be guessed counts, not even a right secret; absent where it is not locked. */
  readonly lockedUntil?: number;
  /** Of a right proof. */
  readonly changes: readonly Change[];
  /** Counts a wrong one; the trail names the client where there is one. */
  countWrong(client: OAuthClient | undefined): Promise<void>;
}

/**
 * The guesses at a client's secret, from where the request comes. By what is asked for and not by what exists: an unknown client is
 * counted like any other (OIDC-14). While it is locked nothing is written, so that nobody who only guesses fills the trail.
 */
export const clientGuesses = async (
  { throttles, committer, clock }: Pick<ProviderPorts, 'throttles' | 'committer' | 'clock'>,
  { realm: { realm }, clientAddress, transactionId }: OAuthRequest,
  clientId: string,
): Promise<ClientGuesses> => {
  const source = sourceOf(clientAddress);
  const digest = createHash('sha256').update(`${realm}:${clientId}`).digest('base64url');
  const ofClient = `client:${digest}:${source}`;
  const ofPlace = `clients:${source}`;
  const subjects = [ofClient, ofPlace];
  const rows = await throttles.get(subjects);
  const now = clock.now();
  const locks = rows.filter((row) => isLocked(row, now)).map((row) => row.lockedUntil);
  const isCounted = rows.some(({ subject, hits }) => subject === ofClient && hits.length > 0);
  const change = (it: EngineChange): EngineChange => it;
  return {
    ...(locks.length > 0 && { lockedUntil: Math.max(...locks) }),
    changes: [
      change({ type: 'throttle.unlocked', subjects, now }),
      ...(isCounted ? [change({ type: 'throttle.clear', subjects: [ofClient] })] : []),
    ],
    async countWrong(client) {
      if (locks.length > 0) return;
      await committer.commit([
        change({ type: 'throttle.hit', subject: ofClient, policy: CLIENT_POLICY, at: now }),
        change({ type: 'throttle.hit', subject: ofPlace, policy: CLIENTS_OF_PLACE_POLICY, at: now }),
        auditChange({ at: now, realm, transactionId }, 'CLIENT_FAIL', {
          outcome: 'refused',
          // A name that nobody knows may be anything, a secret in the wrong field included.
          detail: { client: client?.id ?? 'unknown', address: source },
        }),
      ]);
    },
  };
};
