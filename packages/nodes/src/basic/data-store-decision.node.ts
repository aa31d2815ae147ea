import { defineNode } from '@assent/engine';
import { decideByPassword, passwordDecision } from './password-decision.ts';

/** Checks user name and password against the realm's identities. @see spec: journeys-rest §7.6 */
export const dataStoreDecision = defineNode({
  ...passwordDecision,
  type: 'DataStoreDecisionNode',
  title: 'Data Store Decision',
  help: 'Checks the user name and password that the journey has collected.',
  process: (visit) => decideByPassword(visit),
});
