import { defineNode, identities, nameCallback, needed, optional } from '@assent/engine';
import { recoveryCodes } from '@assent/factors';
import { z } from 'zod';
import { realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { FACTOR } from './registration/factor-names.ts';

/** Which device type the codes of each setting belong to. */
const DEVICE_TYPE = { OATH: 'oath', PUSH: 'push', WEB_AUTHN: 'webauthn' } as const;

/** Asks for a recovery code and uses it up. @see spec: nodes-mfa §4.4 */
export const recoveryCodeCollectorDecision = defineNode({
  type: 'RecoveryCodeCollectorDecisionNode',
  title: 'Recovery Code Collector Decision',
  help: 'Asks for a recovery code, and uses it up where it is good.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    recoveryCodeType: z.enum(['OATH', 'PUSH', 'WEB_AUTHN']).default('OATH').meta({
      title: 'Recovery Code Type',
      description: 'The kind of device that the code was made for.',
    }),
  }),
  template: { recoveryCodeType: 'PUSH' },

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(realm), needed(username)],
  sends: [nameCallback],
  secondFactor: ['true'],
  proves: ['recoveryCode'],
  uses: [identities, recoveryCodes],
  texts: { recoveryCode: 'Recovery Code' },
  errors: {
    notVerified: 'An error occurred while verifying the recovery code',
    locked: 'Too many wrong codes: code entry is locked for a while, and the journey ends.',
  },

  async process({ config, state, ports, journey, answered, text, fail, report, goTo, send }) {
    const code = answered(nameCallback);
    if (code === undefined || code === '') return send(nameCallback({ prompt: text('recoveryCode') }));
    const { recoveryCodeType } = config;
    const deviceType = DEVICE_TYPE[recoveryCodeType];
    const name = state.get(username);

    const user = await onStoreFailure(
      async () => {
        if (name === undefined) return undefined;
        const identity = await ports.identities.find(name);
        const verdict = await ports.recoveryCodes.use(identity ?? { nobody: name }, deviceType, code);
        // The wrong code that locks ends the journey, and so does every one until the lock is over (SEC-46).
        if (verdict === 'locked') fail('locked');
        return verdict === 'good' ? identity : undefined;
      },
      (cause) => {
        report('notVerified', {}, cause);
        return undefined;
      },
    );
    if (user === undefined) return goTo('false', { recoveryCodeType });
    journey.prove(user, 'recoveryCode', FACTOR.recovery[recoveryCodeType]);
    return goTo('true', { recoveryCodeType });
  },
});
