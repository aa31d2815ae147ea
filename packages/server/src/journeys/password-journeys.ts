import type { ShippedJourney, ShippedNode } from './shipped-journey.ts';

export const signInPage = (to: string): ShippedNode => ({
  type: 'PageNode',
  displayName: 'Sign in',
  to: { outcome: to },
  inside: [
    { type: 'UsernameCollectorNode', displayName: 'Username' },
    { type: 'PasswordCollectorNode', displayName: 'Password' },
  ],
});

export const dataStoreDecision = (yes: string): ShippedNode => ({
  type: 'DataStoreDecisionNode',
  displayName: 'Data Store Decision',
  to: { true: yes, false: 'Failure' },
});

/** Users without a role get the answer to a wrong password. */
export const adminLogin: ShippedJourney = {
  name: 'AdminLogin',
  description: 'How administrators sign in: username and password of a user with a role.',
  entry: 'signIn',
  nodes: {
    signIn: signInPage('checkRole'),
    checkRole: {
      type: 'AdministratorDecisionNode',
      displayName: 'Administrator Decision',
      to: { true: 'Success', false: 'Failure' },
    },
  },
};

export const passwordJourney = (name: string, description: string): ShippedJourney => ({
  name,
  description,
  entry: 'signIn',
  nodes: { signIn: signInPage('checkPassword'), checkPassword: dataStoreDecision('Success') },
});

/** What every realm of AM begins with, and what its clients name; whoever calls without a page sends the headers. */
export const ldapService: ShippedJourney = {
  name: 'ldapService',
  description: 'Username and password, from a page or from headers, as every realm of AM has it.',
  entry: 'headers',
  nodes: {
    headers: {
      type: 'ZeroPageLoginNode',
      displayName: 'Zero Page Login Collector',
      to: { true: 'checkPassword', false: 'signIn' },
    },
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('Success'),
  },
};
