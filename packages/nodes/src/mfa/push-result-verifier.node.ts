import { defineNode, identities, optional, required } from '@assent/engine';
import { pushDevices, pushMessages } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { FACTOR } from './registration/factor-names.ts';

/** Takes the answer of the phone. @see spec: nodes-mfa §3.4 */
export const pushResultVerifier = defineNode({
  type: 'PushResultVerifierNode',
  title: 'Push Result Verifier Node',
  help: 'Takes the answer of the phone: approved, denied, too late, or not there yet.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({}),
  outcomes: { TRUE: 'Success', FALSE: 'Failure', EXPIRED: 'Expired', WAITING: 'Waiting' },
  inputs: [
    optional(key.realm),
    optional(key.username),
    required(key.pushMessageId, 'Unable to find push message ID'),
    optional(key.pushTimeout),
    optional(key.pushMessageExpiration),
    optional(key.pushMechanismUid),
    optional(key.pushNumberChallengeKey),
  ],
  outputs: [
    key.pushContent,
    key.pushMessageExpiration,
    key.pushMessageId,
    key.pushNumberChallengeKey,
    key.pushNumberIs,
    key.pushTimeout,
  ],
  secondFactor: ['TRUE'],
  proves: ['push', 'pushNumber'],
  uses: [identities, pushDevices, pushMessages],
  errors: {
    otherType: 'The push message corresponds to {{type}} message type which is not registered in the {{realm}} realm',
    noMechanismUid: 'Unable to find push mechanismUid in sharedState',
    otherUser: 'The push message was answered by another user than the one whom the journey names',
    noDevice: 'Unable to set last access date. Device was not found.',
    notVerified: 'An unexpected error occurred while verifying the push result',
    unknownStatus: 'Unrecognized push message status: {{status}}',
  },

  async process({ state, realm, ports, journey, fail, report, goTo }) {
    const id = state.get(key.pushMessageId);
    const finish = () => {
      for (const used of [
        key.pushMessageId,
        key.pushMessageExpiration,
        key.pushTimeout,
        key.pushNumberChallengeKey,
        key.pushNumberIs,
      ]) {
        state.remove(used);
      }
    };

    // An approved registration proves no sign-in.
    const type = parseMessageId(id)?.type;
    if (type !== 'AUTHENTICATE') {
      report('otherType', { type: type ?? id.replace(/:.*/, ''), realm: realm.realm });
      finish();
      return goTo('FALSE');
    }

    const unexpected = (cause: unknown) => fail('notVerified', {}, cause);
    const message = await onStoreFailure(() => ports.pushMessages.status(id), unexpected);
    switch (message.status) {
      case 'pending':
        return goTo('WAITING');
      case 'expired':
        ports.pushMessages.close(id, 'expired');
        finish();
        return goTo('EXPIRED');
      case 'denied':
        // A number that is wrong or missing was refused when it arrived (SEC-21).
        ports.pushMessages.consume(id, 'denied');
        finish();
        return goTo('FALSE', { reason: message.reason });
      case 'approved': {
        const device = await onStoreFailure(() => ports.pushDevices.answeredBy(id), unexpected);
        const name = state.get(key.username);
        const user =
          name === undefined ? undefined : await onStoreFailure(() => ports.identities.find(name), unexpected);
        // The journey may name another user by now than when the phone rang: whose phone it was proves nothing of that one.
        if (device !== undefined && user !== undefined && device.userId !== user.id) {
          report('otherUser');
          ports.pushMessages.close(id, 'cleanup');
          finish();
          return goTo('FALSE', { reason: 'otherUser' });
        }
        if (state.get(key.pushMechanismUid) === undefined) report('noMechanismUid');
        if (device === undefined) report('noDevice');
        else {
          ports.pushDevices.accessed(device.uuid);
          const method = message.number === undefined ? 'push' : 'pushNumber';
          journey.prove(user ?? { id: device.userId }, method, FACTOR.push, { kind: 'push', uuid: device.uuid });
        }
        ports.pushMessages.consume(id, 'approved');
        if (message.number !== undefined) state.set(key.pushContent, { challengeResponse: message.number });
        finish();
        return goTo('TRUE');
      }
      default:
        return fail('unknownStatus', { status: String((message as { status: unknown }).status) });
    }
  },
});
