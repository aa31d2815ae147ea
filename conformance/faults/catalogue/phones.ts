import { addShortPush } from '../people/made-journeys.ts';
import { expectThat, type Fault } from './fault.ts';

/** How many phones come back at the same time, of each kind. */
const PHONES = 3;

/** What an app does that was ended, and a phone with a wrong clock, `conformance/phone-page` and `packages/cli` show (A168). */
export const phoneFaults: readonly Fault[] = [
  {
    id: 'F31',
    title: 'phones are offline, and back 2 s before the end of their request or 2 s after it',
    expected: 'accepted in time; after it refused, and the next one counts',
    async inject({ cluster, load }) {
      await addShortPush(cluster);
      const back = (persona: string) => Array.from({ length: PHONES }, () => load.honestly(persona));
      const inTime = await Promise.all([...back('phone back in time'), ...back('phone back too late')]);
      const [early, late] = [inTime.slice(0, PHONES), inTime.slice(PHONES)];
      expectThat(early.includes(true) && late.includes(true), 'no phone came back');
      // What went wrong the checker tells of, by whoever it went wrong for.
      return `${early.filter(Boolean).length} in time, ${late.filter(Boolean).length} too late`;
    },
  },
];
