import {
  accounts,
  defineNode,
  FACTOR_KINDS,
  identities,
  optional,
  passwordHasher,
  passwordPolicy,
  STATUS_ATTRIBUTE,
  throttle,
} from '@assent/engine';
import { z } from 'zod';
import { usernamePolicies } from '../basic/input-policies.ts';
import { countOf, PASSWORD_TEXTS } from '../basic/password-policies.ts';
import { NO_USER, provenAddress } from '../handovers.ts';
import { objectAttributes, secretAttributes, termsAccepted, username } from '../state-keys.ts';
import { REGISTRATION_POLICY } from './self-service/registration-limit.ts';
import { ANSWERS_ATTRIBUTE, hashedAnswers } from './self-service/security-answers.ts';
import { collectedAttributes } from './users/collected-attributes.ts';
import { identityResource, isUserResource } from './users/identity-resource.ts';
import { REQUIRED_ATTRIBUTES } from './users/user-attributes.ts';
import { fieldsOf, termsAttributes } from './users/user-fields.ts';

/** Makes a user of what was collected. @see spec: node-census §4 */
export const createObject = defineNode({
  type: 'CreateObjectNode',
  title: 'Create Object',
  help: 'Makes a new user of what the journey has collected.',
  tags: ['identity management'],
  config: z.object({ identityResource }),
  outcomes: { CREATED: 'Created', FAILURE: 'Failed' },
  // A user who has just been made has no factor yet.
  withoutFactors: () => ({ CREATED: FACTOR_KINDS }),
  inputs: [optional(username), optional(objectAttributes), optional(secretAttributes), optional(termsAccepted)],
  uses: [accounts, identities, passwordHasher, passwordPolicy, throttle],
  texts: {
    ...PASSWORD_TEXTS,
    failed: 'The account could not be created. Check what you have entered and try again.',
  },
  errors: {
    otherResource: 'Users are the only objects here: identityResource has to be managed/user, and is {{resource}}.',
    lacking: 'Creation object does not have all required fields: {{attributes}}',
    rules: 'Failed to create object: {{attributes}} not by the rules',
    taken: 'Failed to create object: the user name is taken, or cannot be one',
    elsewhere: 'Failed to create object: users of the realm are made in the directory that its service "ldap" names',
    tooMany: 'Failed to create object: too many were made from this address',
    refused: 'Not for a journey to write, and left out: {{attributes}}',
  },

  async process({ config, state, ports, journey, text, fail, report, goTo }) {
    if (!isUserResource(config.identityResource)) fail('otherResource', { resource: config.identityResource });
    const failure = (because = '') => {
      journey.setErrorMessage(`${text('failed')} ${because}`.trim());
      return goTo('FAILURE');
    };
    if (!ports.accounts.makesUsers()) {
      report('elsewhere');
      return failure();
    }
    const fields = fieldsOf(collectedAttributes(state.compartments()));
    const { password, answers, refused } = fields;
    if (refused.length > 0) report('refused', { attributes: refused.join(', ') });
    const { [STATUS_ATTRIBUTE]: status, ...attributes } = fields.attributes;
    const name = fields.username ?? state.get(username);

    const has = (it: string) => (it === 'userName' ? name !== undefined : (attributes[it] ?? []).length > 0);
    const lacking = REQUIRED_ATTRIBUTES.filter((it) => !has(it));
    if (lacking.length > 0 || name === undefined) {
      report('lacking', { attributes: lacking.join(', ') });
      return failure();
    }
    const policy = ports.passwordPolicy;
    const [broken] = password === undefined ? [] : await policy.brokenRules(password, { username: name, attributes });
    const hashed = answers === undefined ? [] : await hashedAnswers(answers, ports.passwordHasher);
    const bad = [
      ...(usernamePolicies.failuresOf(name).length > 0 ? ['userName'] : []),
      ...(broken === undefined ? [] : ['password']),
      ...(hashed === undefined ? [ANSWERS_ATTRIBUTE] : []),
    ];
    if (bad.length > 0 || hashed === undefined) {
      report('rules', { attributes: bad.join(', ') });
      return failure(broken && text(broken, {}, { count: countOf(broken, policy.minLength) }));
    }

    const source = ports.throttle.ofSource('registration');
    if ((await ports.throttle.state(source)).locked) {
      report('tooMany');
      return failure();
    }
    await ports.throttle.hit(source, REGISTRATION_POLICY);
    const made = await ports.accounts.create({
      username: name,
      ...(password !== undefined && { password }),
      proven: journey.takeOver(provenAddress, NO_USER),
      attributes: {
        ...attributes,
        [ANSWERS_ATTRIBUTE]: hashed,
        ...termsAttributes(state.get(termsAccepted)),
      },
    });
    if (made === undefined) {
      report('taken');
      return failure();
    }
    if (status !== undefined) await ports.identities.setAttributes(name, { [STATUS_ATTRIBUTE]: status });
    journey.audit('USER_CREATE', { attributes: Object.keys(attributes).join(',') });
    return goTo('CREATED');
  },
});
