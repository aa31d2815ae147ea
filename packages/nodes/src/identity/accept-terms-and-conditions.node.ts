import { clock, defineNode, termsAndConditionsCallback } from '@assent/engine';
import { z } from 'zod';
import { termsAccepted } from '../state-keys.ts';
import { selfService } from './self-service/self-service.ts';

/** Asks to accept the terms. @see spec: node-census §1 */
export const acceptTermsAndConditions = defineNode({
  type: 'AcceptTermsAndConditionsNode',
  title: 'Accept Terms and Conditions',
  help: 'Shows the terms and conditions of the realm, and asks until they are accepted.',
  tags: ['identity management'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  outputs: [termsAccepted],
  sends: [termsAndConditionsCallback],
  textFallback: 'realm-then-first',
  uses: [clock, selfService],
  errors: { noTerms: 'Terms configuration not found' },

  process({ state, ports, sent, answered, choose, fail, goTo, send }) {
    if (answered(termsAndConditionsCallback) === true) {
      // What was accepted is what was shown, whatever has come into force since.
      const termsVersion = String(sent[0]?.output.version);
      state.set(termsAccepted, { acceptDate: new Date(ports.clock.now()).toISOString(), termsVersion });
      return goTo('outcome');
    }
    const { version, terms, createDate } = ports.selfService.terms() ?? fail('noTerms');
    return send(termsAndConditionsCallback({ version, terms: choose(terms) ?? fail('noTerms'), createDate }));
  },
});
