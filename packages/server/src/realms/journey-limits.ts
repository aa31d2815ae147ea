import { STEPS_OF_COMMAND, STEPS_OF_REQUEST, STEPS_OF_TREE } from '@assent/engine/host';
import { INPUTS_OF_JOURNEY, JOURNEYS_OF_REALM } from './realm-quota.ts';

/** Limits of the journeys of a realm, in the words of the reference, each with the test that shows it. */
export const JOURNEY_LIMITS = Object.freeze([
  {
    what: 'Journeys of a realm',
    per: 'realm',
    by: JOURNEYS_OF_REALM.toLocaleString('en'),
    over: '413 that names the limit. A realm that has more already keeps them; commands on the machine write more.',
    fails: 'closed',
    heldBy: ['server/src/realms/realm-quota.test.ts', 'a realm has a bounded number of journeys'],
  },
  {
    what: 'Inputs that the nodes of a journey declare; those of a node inside pages count for each page that holds it',
    per: 'journey',
    by: INPUTS_OF_JOURNEY.toLocaleString('en'),
    over: '400 that names `inputs`. A journey that declares more already may declare fewer; commands on the machine write more.',
    fails: 'closed',
    heldBy: ['server/walks/saturated-realm.test.ts', 'a journey declares a bounded number of inputs'],
  },
  {
    what: 'Steps of a check of journeys',
    per: 'check: all journeys that it reads',
    by: `${STEPS_OF_REQUEST.toLocaleString('en')} in a request, about 100 milliseconds; ${STEPS_OF_COMMAND.toLocaleString('en')} in a command and at the start, of which ${STEPS_OF_TREE.toLocaleString('en')} for one journey`,
    over: 'The check has the finding J25, and the journey counts as one that proves nothing.',
    fails: 'closed',
    heldBy: ['engine/src/tree-check/check-work.test.ts', 'has a smaller bound in a request'],
  },
] as const);
