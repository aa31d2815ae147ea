import { describePushTransportContract } from '../../testing/push-transport-contract.ts';
import { localHints, relayHint } from '../hints.ts';
import { relayTransport } from './relay-transport.ts';

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
          hints.subscribe(relayHint(result.communicationId), () => woken.push(result.communicationId));
        }
        return result;
      },
      send(envelope) {
        messageId = envelope.messageId;
        return transport.send(envelope);
      },
    },
    communicationType: 'relay',
    delivered: async (communicationId) =>
      [...new Set(woken.filter((it) => it === communicationId))].map(() => messageId),
    close: async () => undefined,
  };
});
