import type { RealmAlarm } from '../../delivery/transports/realm-alarm.ts';
import { guardedRequests } from '../../outbound/guarded-requests.ts';
import { movableClock, repeatableRandom } from '../simulated.ts';

/** What a transport stands on in a test: a clock that only waiting moves, requests to this machine, and what it complains of. */
export const transportConditions = ({ trusted }: { readonly trusted?: string } = {}) => {
  const clock = movableClock();
  const waits: number[] = [];
  const alarms: Parameters<RealmAlarm>[0][] = [];
  const requests = guardedRequests({ allowsLoopback: true, ...(trusted !== undefined && { trusted }) });
  return {
    clock,
    waits,
    alarms,
    requests,
    options: {
      requests: requests.of('/'),
      clock,
      random: repeatableRandom(),
      alarm: (fault: Parameters<RealmAlarm>[0]) => void alarms.push(fault),
      async wait(millis: number) {
        waits.push(millis);
        clock.advance(millis);
      },
    },
  };
};
