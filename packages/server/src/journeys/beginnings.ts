import type { Clock } from '@assent/engine';
import { type Beginnings, sourceOf } from '@assent/engine/host';
import { type Rate, RatePerKey } from '../bounds/rate-per-key.ts';

/** Of journeys that store something and are not finished, from one source: an office of twenty thousand begins fewer (A098). */
export const BEGINNINGS: Rate = { burst: 1_200, perSecond: 20 };

/** This machine itself, or a proxy on it that nobody has said to trust: everybody, and so nobody in particular. */
const LOOPBACK = /^127\.|^0:0:0:0::\/64$/;

/** What one source may begin and not finish; a sign-in that comes to its end takes no place. */
export const beginningsBySource = (clock: Clock, rate = BEGINNINGS): Beginnings => {
  const begun = new RatePerKey(rate, clock);
  const counted = (clientAddress: string): string | undefined => {
    const source = sourceOf(clientAddress);
    return LOOPBACK.test(source) ? undefined : source;
  };
  return {
    wait(clientAddress) {
      const source = counted(clientAddress);
      return source === undefined ? 0 : begun.wait(source);
    },
    begun(clientAddress) {
      const source = counted(clientAddress);
      if (source !== undefined) begun.take(source);
    },
    finished(clientAddress) {
      const source = counted(clientAddress);
      if (source !== undefined) begun.giveBack(source);
    },
  };
};
