import { defineNode, rolesOf } from '@assent/engine';
import { decideByPassword, passwordDecision } from './password-decision.ts';

/** Checks user name and password like Data Store Decision, and lets only users with a role pass (SEC-72). */
export const administratorDecision = defineNode({
  ...passwordDecision,
  type: 'AdministratorDecisionNode',
  title: 'Administrator Decision',
  help: 'Checks the collected user name and password, and lets only users with a role pass. For other users the right password is wrong.',
  needsRole: ['true'],
  process: (visit) => decideByPassword(visit, (identity) => rolesOf(identity).length > 0),
});
