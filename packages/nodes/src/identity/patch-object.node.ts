import {
  accounts,
  defineNode,
  foldUsername,
  identities,
  optional,
  passwordHasher,
  passwordPolicy,
} from '@assent/engine';
import { z } from 'zod';
import { countOf, PASSWORD_TEXTS } from '../basic/password-policies.ts';
import { isProvenUser } from '../proven-user.ts';
import { objectAttributes, secretAttributes, termsAccepted, username } from '../state-keys.ts';
import { ANSWERS_ATTRIBUTE, hashedAnswers } from './self-service/security-answers.ts';
import { collectedAttributes } from './users/collected-attributes.ts';
import { lookUpUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';
import { identityResource, isUserResource } from './users/identity-resource.ts';
import { fieldsOf, termsAttributes } from './users/user-fields.ts';

/** Stores what was collected with the user. @see spec: node-census §4 */
export const patchObject = defineNode({
  type: 'PatchObjectNode',
  title: 'Patch Object',
  help: 'Stores what the journey has collected with its user.',
  tags: ['identity management'],

  config: z.object({
    patchAsObject: z.boolean().default(false).meta({
      title: 'Patch As Object',
      description:
        'On: only the user who has signed in, in this journey or before it, is changed. A user who signs in on the way changes nobody else in any case.',
    }),
    ignoredFields: z.array(z.string()).default([]).meta({
      title: 'Ignored Fields',
      description: 'Collected attributes that are not stored.',
    }),
    identityResource,
    identityAttribute: identityAttribute(),
  }),

  outcomes: { PATCHED: 'Patched', FAILURE: 'Failed' },
  inputs: [optional(username), optional(objectAttributes), optional(secretAttributes), optional(termsAccepted)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [accounts, identities, passwordHasher, passwordPolicy],
  texts: {
    ...PASSWORD_TEXTS,
    failed: 'Your details could not be saved. Check what you have entered and try again.',
  },
  errors: {
    otherResource: 'Users are the only objects here: identityResource has to be managed/user, and is {{resource}}.',
    notFound: userErrors.notFound,
    notIdentified: 'Failed to patch object: {{attribute}} not present in state',
    notOwn: 'Failed to patch object: it is not the user who has signed in',
    renamed: 'Failed to patch object: a user cannot be renamed; put userName among the ignored fields',
    rules: 'Failed to patch object: {{attributes}} not by the rules',
    refused: 'Not for a journey to write, and left out: {{attributes}}',
  },

  async process({ config, state, request, ports, journey, text, fail, report, goTo }) {
    if (!isUserResource(config.identityResource)) fail('otherResource', { resource: config.identityResource });
    const failure = (
      id: 'notIdentified' | 'notOwn' | 'renamed' | 'rules',
      values: Readonly<Record<string, string>> = {},
      because = '',
    ) => {
      report(id, values);
      journey.setErrorMessage(`${text('failed')} ${because}`.trim());
      return goTo('FAILURE');
    };
    const { identityAttribute: attribute } = config;
    const found = await lookUpUser(journey, ports.identities, attribute, state.compartments(), state.get(username));
    if (found.value === undefined) return failure('notIdentified', { attribute });
    const identity = found.identity ?? fail('notFound');
    const isOwn = isProvenUser(identity, { journey, request });
    // Whoever has signed in on the way here writes nobody else's, whatever name or address was typed.
    if ((config.patchAsObject || journey.identifiedUser !== undefined) && !isOwn) return failure('notOwn');

    const fields = fieldsOf(collectedAttributes(state.compartments()), config.ignoredFields);
    if (fields.refused.length > 0) report('refused', { attributes: fields.refused.join(', ') });
    const { username: name, password, answers } = fields;
    if (name !== undefined && foldUsername(name) !== foldUsername(identity.username)) return failure('renamed');
    const hashed = answers === undefined ? undefined : await hashedAnswers(answers, ports.passwordHasher);
    if (answers !== undefined && hashed === undefined) return failure('rules', { attributes: ANSWERS_ATTRIBUTE });

    const attributes = {
      ...fields.attributes,
      ...(hashed !== undefined && { [ANSWERS_ATTRIBUTE]: hashed }),
      ...termsAttributes(state.get(termsAccepted)),
    };
    const changed = Object.entries(attributes).filter(
      ([it, values]) => JSON.stringify(values) !== JSON.stringify(identity.attributes[it] ?? []),
    );
    const set = password === undefined ? 'set' : await ports.accounts.setPassword(identity.username, password);
    // The password that the user has already is never judged: a journey may have collected it to sign the user in.
    if (set === 'refused' && password !== undefined) {
      const policy = ports.passwordPolicy;
      const [broken] = await policy.brokenRules(password, identity);
      const because = broken && text(broken, {}, { count: countOf(broken, policy.minLength) });
      return failure('rules', { attributes: 'password' }, because);
    }
    if (changed.length > 0) await ports.identities.setAttributes(identity.username, Object.fromEntries(changed));
    if (changed.length > 0 || password !== undefined) {
      const names = changed.map(([it]) => it).join(',');
      journey.audit('USER_UPDATE', { attributes: names, password: password !== undefined });
    }
    return goTo('PATCHED');
  },
});
