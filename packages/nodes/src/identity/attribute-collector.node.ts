import { defineNode, identities } from '@assent/engine';
import { z } from 'zod';
import { isProvenUser } from '../proven-user.ts';
import { objectAttributes } from '../state-keys.ts';
import {
  type AttributeValue,
  attributeAnswer,
  attributeCallback,
  attributeCallbacks,
  isMissing,
} from './attributes/attribute-callbacks.ts';
import { attributePolicies } from './attributes/attribute-policies.ts';
import { collectedAttributes } from './users/collected-attributes.ts';
import { lookUpUser } from './users/find-user.ts';
import { attributeName, typeOfAttribute, valuesOf } from './users/user-attributes.ts';
import { isCollectable } from './users/user-fields.ts';

/** Attributes whose name for people is in the catalogue, by the id of that text; others go by their own name. */
const PROMPTS = {
  cn: 'cn',
  givenName: 'givenName',
  sn: 'sn',
  mail: 'mail',
  telephoneNumber: 'telephoneNumber',
  description: 'description',
  postalAddress: 'postalAddress',
  address2: 'address2',
  city: 'city',
  postalCode: 'postalCode',
  stateProvince: 'stateProvince',
  country: 'country',
  userName: 'userName',
  'preferences/updates': 'updates',
  'preferences/marketing': 'marketing',
} as const;

/** Asks for attributes of the user. @see spec: journeys-rest §3.2; node-census §4 */
export const attributeCollector = defineNode({
  type: 'AttributeCollectorNode',
  title: 'Attribute Collector',
  help: 'Asks for attributes of the user, and keeps them until a node stores them.',
  tags: ['identity management'],

  config: z.object({
    attributesToCollect: z.array(z.string().min(1)).min(1).max(40).meta({
      title: 'Attributes to Collect',
      description: 'The attributes, in the order in which they are asked for.',
    }),
    required: z.boolean().default(false).meta({
      title: 'All Attributes Required',
      description: 'Ask again until each of them has a value.',
    }),
    validateInputs: z.boolean().default(false).meta({
      title: 'Validate Input',
      description: 'Check what is put in against the rules for the attribute, and show which rule it breaks.',
    }),
    identityAttribute: z.string().min(1).default('userName').meta({
      title: 'Identity Attribute',
      description: 'The attribute by whose collected value the user is found, who is shown what is stored already.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  dynamicInputs: (config) => [config.identityAttribute],
  outputs: [objectAttributes],
  sends: attributeCallbacks,
  uses: [identities],
  texts: {
    address2: 'Address 2',
    city: 'City',
    cn: 'Common Name',
    country: 'Country',
    description: 'Description',
    givenName: 'First Name',
    mail: 'Email Address',
    marketing: 'Send me special offers and services',
    postalAddress: 'Address 1',
    postalCode: 'Postal Code',
    sn: 'Last Name',
    stateProvince: 'State/Province',
    telephoneNumber: 'Telephone Number',
    updates: 'Send me news and updates',
    userName: 'Username',
  },
  errors: { invalid: 'Configuration contains an invalid attribute: {{attribute}}' },

  async process({ config, state, request, ports, journey, answers, text, fail, goTo, send }) {
    const names = config.attributesToCollect.map(attributeName);
    const alien = names.find((name) => !isCollectable(name));
    if (alien !== undefined) fail('invalid', { attribute: alien });

    const compartments = state.compartments();
    const collected = collectedAttributes(compartments);
    const { identity } = await lookUpUser(journey, ports.identities, config.identityAttribute, compartments, undefined);
    // A profile is shown to the one whose it is: who has typed a name has not shown to be that user.
    const isOwn = identity !== undefined && isProvenUser(identity, { journey, request });
    const ask = (failuresOf: (name: string) => string[]) =>
      send(
        ...names.map((name, at) => {
          const answer = attributeAnswer(answers, at);
          const stored = isOwn ? valuesOf(identity, name)[0] : undefined;
          const question = {
            name,
            prompt: Object.hasOwn(PROMPTS, name) ? text(PROMPTS[name as keyof typeof PROMPTS]) : name,
            required: config.required,
            policies: config.validateInputs ? attributePolicies(name, config.required).describe(name) : {},
            failedPolicies: failuresOf(name),
            validateOnly: answer?.validateOnly ?? false,
          };
          return attributeCallback(typeOfAttribute(name), question, answer?.value ?? collected[name] ?? stored);
        }),
      );
    if (answers.length === 0) return ask(() => []);

    const given = new Map<string, AttributeValue>(
      names.map((name, at) => [name, attributeAnswer(answers, at)?.value ?? null]),
    );
    const failuresOf = (name: string): string[] => {
      const value = given.get(name) ?? null;
      const text = typeof value === 'boolean' ? String(value) : String(value ?? '');
      return attributePolicies(name, config.required).failuresOf(text);
    };
    if (config.required && [...given.values()].some(isMissing))
      return ask(config.validateInputs ? failuresOf : () => []);
    if (config.validateInputs && (names.some((name) => failuresOf(name).length > 0) || isCheck(answers))) {
      return ask(failuresOf);
    }
    state.merge(objectAttributes, Object.fromEntries(given));
    return goTo('outcome');
  },
});

const isCheck = (answers: readonly Readonly<Record<string, unknown>>[]): boolean =>
  answers.some(({ validateOnly }) => validateOnly === true);
