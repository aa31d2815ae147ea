import type { Clock } from '@assent/engine';
import type { PushTransport, SendResult } from './push-transport.ts';

/** As many failures in a row say that a provider is down (OPS-45). */
const FAILURES_IN_A_ROW = 5;
/** Of as many results within that time half may not fail. */
const RESULTS = 10;
const WINDOW_MILLIS = 30_000;
/** For how long a provider that is down is left alone, until one message tries whether it is up again. */
const OPEN_MILLIS = 30_000;
/** Others than the one that tries it look again after that. */
const WHILE_PROBING_MILLIS = 2_000;
/** A provider that wants to be left alone for longer is asked all the same: no message lives as long. */
const MAX_OPEN_MILLIS = 3_600_000;
/** Troubled providers of one transport, some hundred bytes each: a browser names its push service, and there are few. */
const MAX_PROVIDERS = 200;

/** Where nothing has failed of late, there is no state. */
interface Trouble {
  /** When each of the last results came, and whether it was a failure; oldest first. */
  results: readonly { readonly at: number; readonly isFailure: boolean }[];
  /** Failures since the last success, however long ago. */
  inARow: number;
  /** Since when nobody calls, and for how long. */
  open?: { readonly since: number; readonly millis: number };
  /** Since when one message tries whether it is up again. */
  probedSince?: number;
}

/** Whether a time span is under way. A clock that was moved back before its beginning has ended it. */
const isWithin = (since: number, millis: number, now: number): boolean => now >= since && now < since + millis;

/**
 * Leaves providers alone that are down, each by itself: one for each transport, which has the credentials of one realm, and for each
 * provider that it speaks to (OPS-45, REL-08). Nothing of it is stored: each instance learns by its own messages.
 */
export class ProviderBreakers {
  readonly #clock: Clock;
  /** Goes with its transport, which goes with the settings that it was made of. */
  readonly #troubled = new WeakMap<PushTransport, Map<string, Trouble>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long nobody may call that provider, milliseconds; 0 lets the caller call, who has to `note` what came of it. */
  waitFor(transport: PushTransport, address: string): number {
    const trouble = this.#troubled.get(transport)?.get(providerOf(transport, address));
    if (trouble?.open === undefined) return 0;
    const now = this.#clock.now();
    const { since, millis } = trouble.open;
    if (isWithin(since, millis, now)) return since + millis - now;
    if (trouble.probedSince !== undefined && isWithin(trouble.probedSince, OPEN_MILLIS, now))
      return WHILE_PROBING_MILLIS;
    trouble.probedSince = now;
    return 0;
  }

  /** Learns from a result; tells whether the provider is left alone from now on, or no longer. */
  note(transport: PushTransport, address: string, result: SendResult): 'opened' | 'closed' | undefined {
    const provider = providerOf(transport, address);
    const byProvider = this.#troubled.get(transport) ?? new Map<string, Trouble>();
    const before = byProvider.get(provider);
    const isFailure = result.status === 'failed' && result.blame === 'provider';
    if (!isFailure && before === undefined) return undefined;

    const now = this.#clock.now();
    if (before?.open !== undefined && !isFailure) {
      byProvider.delete(provider);
      return 'closed';
    }
    const recent = before?.results.filter(({ at }) => isWithin(at, WINDOW_MILLIS, now)) ?? [];
    const results = [...recent, { at: now, isFailure }].slice(-RESULTS);
    const inARow = isFailure ? (before?.inARow ?? 0) + 1 : 0;
    if (results.every((it) => !it.isFailure)) {
      byProvider.delete(provider);
      return undefined;
    }
    const millis = openFor({ results, inARow }, result) ?? (before?.open === undefined ? undefined : OPEN_MILLIS);
    byProvider.delete(provider);
    byProvider.set(provider, { results, inARow, ...(millis !== undefined && { open: { since: now, millis } }) });
    const [oldest] = byProvider.keys();
    if (byProvider.size > MAX_PROVIDERS && oldest !== undefined) byProvider.delete(oldest);
    this.#troubled.set(transport, byProvider);
    return millis !== undefined && before?.open === undefined ? 'opened' : undefined;
  }
}

const providerOf = (transport: PushTransport, address: string): string => transport.providerOf?.(address) ?? '';

/** For how long a provider with these results is left alone; undefined where it is not. */
const openFor = ({ results, inARow }: Trouble, last: SendResult): number | undefined => {
  if (last.status !== 'failed' || last.blame !== 'provider') return undefined;
  if (last.retryAfterMillis !== undefined) return Math.min(last.retryAfterMillis, MAX_OPEN_MILLIS);
  const failures = results.filter(({ isFailure }) => isFailure).length;
  const isDown = inARow >= FAILURES_IN_A_ROW || (results.length === RESULTS && failures >= RESULTS / 2);
  return isDown ? OPEN_MILLIS : undefined;
};
