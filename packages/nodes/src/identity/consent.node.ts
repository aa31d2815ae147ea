import { clock, consentMappingCallback, defineNode, localized } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes } from '../state-keys.ts';
import { selfService } from './self-service/self-service.ts';

/** Asks with whom the profile may be shared. @see spec: node-census §1 */
export const consent = defineNode({
  type: 'ConsentNode',
  title: 'Consent Collector',
  help: 'Asks for each recipient of the realm whether the profile may be shared with it.',
  tags: ['identity management'],

  config: z.object({
    allRequired: z.boolean().default(false).meta({
      title: 'All Mappings Required',
      description: 'Ask until the user agrees to all of them.',
    }),
    message: localized().meta({
      title: 'Privacy & Consent Message',
      description: 'What the user reads about it, by language.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [objectAttributes],
  sends: [consentMappingCallback],
  uses: [clock, selfService],
  texts: { message: 'Privacy & Consent.' },
  errors: { noMappings: 'Unable to fetch resources that require consent' },

  process({ config, state, ports, sent, answers, text, fail, goTo, send }) {
    const mappings = ports.selfService.consentMappings() ?? fail('noMappings');
    if (mappings.length === 0) return goTo('outcome');
    const isAbout = (name: string, at: number) => sent[at]?.output.name === name;
    const isCurrent = sent.length === mappings.length && mappings.every(({ name }, at) => isAbout(name, at));
    const given = mappings.filter((_, at) => isCurrent && answers[at]?.[''] === true);
    if (!isCurrent || (config.allRequired && given.length < mappings.length)) {
      const message = text('message', config.message);
      const isRequired = config.allRequired;
      return send(...mappings.map((mapping) => consentMappingCallback({ ...mapping, isRequired, message })));
    }
    const consentDate = new Date(ports.clock.now()).toISOString();
    if (given.length > 0) {
      state.merge(objectAttributes, { consentedMappings: given.map(({ name }) => ({ consentDate, mapping: name })) });
    }
    return goTo('outcome');
  },
});
