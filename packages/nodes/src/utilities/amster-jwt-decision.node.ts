import { clock, defineNode, hiddenValueCallback, identities, optional, random, stateKey } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { claimsOf, isAllowedBy, isSignedBy, readAuthorizedKeys, takeApart } from './authorized-keys.ts';
import { keyFiles } from './key-files.ts';

const nonce = stateKey.transient('amster.nonce', z.string());

/** Lets a command-line client in by a token that it has signed with an SSH key. @see spec: node-census §1 */
export const amsterJwtDecision = defineNode({
  type: 'AmsterJwtDecisionNode',
  title: 'Amster Jwt Decision Node',
  help: 'Lets a command-line client in that signs with a key of an authorized_keys file, as the user whom it names.',
  tags: ['utilities'],
  config: z.object({
    authorizedKeys: z.string().min(1).default('security/keys/amster/authorized_keys').meta({
      title: 'Authorized Keys',
      description:
        'A file in OpenSSH’s authorized_keys format, in the data directory of the server, of at most 256 KiB.',
    }),
  }),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(nonce)],
  outputs: [nonce, username],
  outputsAt: { false: [] },
  sends: [hiddenValueCallback],
  uses: [clock, identities, keyFiles, random],
  errors: {
    noFile: 'There is no file "{{path}}" in the data directory.',
    refused: 'The token is not accepted: {{reason}}.',
  },

  async process({ config, request, journey, state, ports, answered, report, goTo, send }) {
    const expected = state.get(nonce);
    const given = answered(hiddenValueCallback);
    if (expected === undefined || given === undefined) {
      const challenge = ports.random.uuid();
      state.set(nonce, challenge);
      return send(hiddenValueCallback({ id: 'jwt', value: challenge }));
    }
    state.remove(nonce);
    const refuse = (reason: string) => {
      report('refused', { reason });
      return goTo('false');
    };

    const file = await ports.keyFiles.read(config.authorizedKeys);
    if (file === undefined) {
      report('noFile', { path: config.authorizedKeys });
      return goTo('false');
    }
    const token = takeApart(given);
    if (token === undefined) return refuse('it is no signed token');
    const key = readAuthorizedKeys(file).find((it) => isSignedBy(it, token));
    if (key === undefined) return refuse('no key of the file has signed it');
    const claims = claimsOf(token);
    if (claims === undefined) return refuse('it has no claims');
    const { nonce: answer, sub, exp } = claims;
    if (answer !== expected) return refuse('it answers another challenge');
    if (typeof exp === 'number' && ports.clock.now() >= exp * 1_000) return refuse('it has expired');
    if (typeof sub !== 'string' || sub === '') return refuse('it names no user');
    if (!isAllowedBy(key, sub, request.clientAddress))
      return refuse('the key may not be used for this user, or from here');
    const identity = await ports.identities.find(sub);
    if (identity === undefined) return refuse('its user does not exist');
    state.set(username, identity.username);
    journey.identify(identity);
    return goTo('true');
  },
});
