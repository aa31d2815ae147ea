import { type HintBus, phoneHint } from '../hints.ts';
import type { PushTransport } from '../push-transport.ts';

/** Our own phones fetch their messages (design.md §3.1): to deliver is to wake the phone's stream, if it has one. */
export const relayTransport = (hints: HintBus): PushTransport => ({
  serves: (communicationType) => communicationType === 'relay',
  isPulled: true,
  register: async (deviceId) => ({ status: 'registered', communicationId: `relay:${deviceId}` }),
  async send({ messageId, jwt }, ring) {
    const message = { messageId, message: jwt };
    if (ring !== undefined) hints.publish(phoneHint(ring), { request: ring.request, message });
    return { status: 'sent' };
  },
});
