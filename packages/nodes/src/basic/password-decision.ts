import {
  type Action,
  type Identity,
  type JourneyContext,
  needed,
  optional,
  type Passwords,
  passwords,
  type ValueOf,
} from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { password, realm, universalId, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

/** What the nodes declare that check the collected user name and password. */
export const passwordDecision = {
  tags: ['basic authentication'],
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(realm), needed(username), needed(password)],
  outputs: [universalId],
  proves: ['password'],
  provesAt: () => ({ true: ['password'] as const }),
  uses: [passwords],
  errors: { unable: 'Unable to authenticate' },
} as const;

interface PasswordVisit {
  readonly state: {
    get(key: typeof username | typeof password): string | undefined;
    set(key: typeof universalId, value: ValueOf<typeof universalId>): void;
  };
  readonly ports: { readonly passwords: Passwords };
  readonly journey: Pick<JourneyContext<'password'>, 'identify' | 'prove'>;
  fail(id: 'unable', values?: Readonly<Record<string, string>>, cause?: unknown): never;
  goTo(outcome: 'true' | 'false'): Action<'true' | 'false'>;
}

/** Checks the password, and identifies the user whose it is. With `accepts` the right password of any other user is wrong. */
export const decideByPassword = async (
  { state, ports, journey, fail, goTo }: PasswordVisit,
  accepts?: (identity: Identity) => boolean,
): Promise<Action<'true' | 'false'>> => {
  // Absent means that it was never asked for, or that no round trip kept it; blank is just a wrong password.
  const given = state.get(password) ?? fail('unable');
  // An unknown user costs a look-up and a hash like any other (SEC-59), so a missing name is looked up, too.
  const verdict = await onStoreFailure(
    () => ports.passwords.verify(state.get(username) ?? '', given, accepts),
    (cause) => fail('unable', {}, cause),
  );
  if (verdict.status !== 'right' || given === '') return goTo('false');
  journey.identify(verdict.identity);
  journey.prove(verdict.identity, 'password');
  state.set(universalId, universalIdOf(verdict.identity));
  return goTo('true');
};
