import { describePushTransportContract } from '../../testing/push-transport-contract.ts';
import { localHints, phoneHint } from '../hints.ts';
import type { PhoneRing } from '../push-transport.ts';
import { relayTransport } from './relay-transport.ts';

const ringOn = (deviceUuid: string): PhoneRing => ({ request: 'AUTHENTICATE:1', userId: 'jane', deviceUuid });

describePushTransportContract('the relay', async () => {
  const hints = localHints();
  const woken: string[] = [];
  const transport = relayTransport(hints);
  let messageId = '';
  return {
    transport: {
      ...transport,
      async register(deviceId, type) {
        const result = await transport.register(deviceId, type);
        if (result.status === 'registered') {
          hints.subscribe(phoneHint(ringOn(result.communicationId)), () => woken.push(result.communicationId));
        }
        return result;
      },
      send(envelope) {
        messageId = envelope.messageId;
        return transport.send(envelope, ringOn(envelope.communicationId));
      },
    },
    communicationType: 'relay',
    delivered: async (communicationId) =>
      [...new Set(woken.filter((it) => it === communicationId))].map(() => messageId),
    close: async () => undefined,
  };
});
