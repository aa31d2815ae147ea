import { DAY_BOUNDS } from '@assent/engine/host';
import { REFUSAL_LIMITS, SEND_LIMITS } from '@assent/push';

// What the limits of SEC-25 and SEC-26 leave somebody who knows a password and asks the phone of its owner again and again
// (docs/fatigue.md has the formulas). It knows the published numbers, and none of the code that keeps them.

export const DAY = 86_400_000;
export const WEEK = 7 * DAY;

/** How likely an answer given without looking is the right one. A typed number has no leading zero. */
export const METHODS = [
  { name: 'tap', guess: 1 },
  { name: 'one of three', guess: 1 / 3 },
  { name: 'typed, 2 digits', guess: 1 / 90 },
  { name: 'typed, 6 digits', guess: 1 / 900_000 },
];

/** What an owner does with a request that is not answered without looking. */
export const OWNERS = /** @type {const} */ (['ignores', 'denies', 'reports']);

const within = (times, now, windowMillis) => times.filter((at) => at > now - windowMillis).length;

/** When requests go out to an owner who answers none, from the first on: as early as `SEND_LIMITS` let them. */
const unanswered = (period) => {
  const sent = [];
  for (let now = 0; now < period; ) {
    const free = Math.max(
      now,
      ...SEND_LIMITS.map(({ windowMillis, limit }) => (sent.at(-limit) ?? Number.NEGATIVE_INFINITY) + windowMillis),
    );
    if (free >= period) break;
    // No two are counted at one moment.
    now = Math.max(free, (sent.at(-1) ?? -1) + 1);
    sent.push(now);
  }
  return sent;
};

const refusalsThatLock = (times, now) =>
  REFUSAL_LIMITS.locksAt.some(({ windowMillis, refusals }) => within(times, now, windowMillis) >= refusals);

/** When requests go out to an owner who refuses each. A patient attacker asks only when another refusal locks nothing. */
const refused = (period, { isReport, isPatient }) => {
  const { coolDownMillis, lockMillis, maxLockMillis } = REFUSAL_LIMITS;
  const sent = [];
  let now = 0;
  while (now < period) {
    sent.push(now);
    const ofDay = within(sent, now, DAY);
    const lock = Math.min(maxLockMillis, lockMillis * 2 ** Math.max(0, ofDay - 2));
    now += isReport || refusalsThatLock(sent, now) ? lock : coolDownMillis;
    while (isPatient && refusalsThatLock([...sent, now], now)) now += 60_000;
  }
  return sent;
};

/** How many requests an owner gets at the most within a period, by whichever way of asking brings most. */
export const requestsWithin = (period, owner) => {
  if (owner === 'ignores') return unanswered(period).length;
  const isReport = owner === 'reports';
  return Math.max(
    refused(period, { isReport, isPatient: false }).length,
    isReport ? 0 : refused(period, { isReport, isPatient: true }).length,
  );
};

/** How many requests of a day so many places get: the limit of each, and above them the part that they draw from. */
const requestsOfPlaces = (places, part) => {
  const ofOne = Math.max(...SEND_LIMITS.map(({ limit }) => limit));
  return Math.min(places * ofOne, part + places);
};

/** How many requests of a day an attacker gets through with the cookies of so many known browsers. */
export const requestsOfStolenBrowsers = (browsers) => requestsOfPlaces(browsers, DAY_BOUNDS.prompts.known);

/** How many at so many addresses that are known to be the owner's, in addition to those of a stranger. */
export const requestsOfKnownAddresses = (addresses) => requestsOfPlaces(addresses, DAY_BOUNDS.prompts.addresses);

/** That at least one of `requests` is approved, of which each is answered without looking with the chance `careless`. */
export const chanceOf = ({ careless, guess, requests }) => 1 - (1 - careless * guess) ** requests;
