import type { Configuration, Identity } from '@assent/engine';
import { readSecurityQuestions, SECURITY_QUESTIONS_SERVICE, wrongAnswersAllowed } from '@assent/nodes';
import { type CounterReader, type Lockout, lockoutsOf } from '@assent/store';

interface LockoutSources {
  readonly throttles: Pick<CounterReader, 'ofUser'>;
  /** The services in force. */
  readonly configuration: Pick<Configuration, 'service'>;
  readonly now: number;
}

/** The factors of a user that are refused now: by a lock, by the limits of requests to phones, or by the number of wrong answers that the realm allows. */
export const lockoutsOfUser = async (
  user: Pick<Identity, 'id' | 'realm' | 'username' | 'credentialRev'>,
  { throttles, configuration, now }: LockoutSources,
): Promise<readonly Lockout[]> => {
  const service = configuration.service(user.realm, SECURITY_QUESTIONS_SERVICE);
  const questions = service && readSecurityQuestions(service.config);
  return lockoutsOf(await throttles.ofUser(user), {
    now,
    credentialRev: user.credentialRev,
    wrongAnswersAllowed: wrongAnswersAllowed(questions),
  });
};
