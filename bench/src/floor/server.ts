import type { Server } from 'node:http';
import { floorHttp } from './http.ts';
import { type FloorJourney, floorJourneys } from './journeys.ts';
import { floorLogin } from './login.ts';
import { floorPhones, RELAY } from './phones.ts';
import { floorRegistration } from './registration.ts';
import type { FloorStore } from './store.ts';

const AUTHENTICATE = '/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=';
const MESSAGE = '/am/json/push/sns/message?_action=';

/**
 * The floor of P6 and P7: what design.md asks of these two journeys, and nothing else. An answer has the bytes that Assent sends, a
 * commit the rows that Assent writes; `login.ts` and `registration.ts` list what each request reads and commits. On each of them there
 * are all headers, a transaction id, a look at Host and Origin, and strict JSON (SEC-08, SEC-65).
 *
 * Left out: any other journey, realm, address or language; official apps and keys of a phone's own; pages (binding cookie, other
 * origins); the step itself in the state; counters of guesses by place (ADR 39); sweeping; the log; what a node fails with. So it says
 * what the work costs, and not what a server does.
 */
export const floorServer = (store: FloorStore): Server => {
  const journeys = floorJourneys(store);
  const phones = floorPhones(store);
  const login = floorLogin(store, journeys, phones);
  const registration = floorRegistration(store, journeys, phones);
  const authenticate = (journey: FloorJourney) => ({ most: 65_536, answer: journeys.authenticate(journey) });
  return floorHttp({
    posts: {
      [`${AUTHENTICATE}${login.journey.name}`]: authenticate(login.journey),
      [`${AUTHENTICATE}${registration.journey.name}`]: authenticate(registration.journey),
      [`${MESSAGE}authenticate`]: { most: 16_384, answer: login.answered },
      [`${MESSAGE}register`]: { most: 16_384, answer: registration.answered },
    },
    gets: { [`${RELAY}?mechanismUid=`]: phones.relay },
  });
};
