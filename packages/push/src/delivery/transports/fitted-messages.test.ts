import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signJsonHs256 } from '../../jose/index.ts';
import { fitToProvider, messageId, pushClaims, shownText } from '../../protocol/index.ts';
import { type ApnsFake, startApnsFake } from '../../testing/providers/apns-fake.ts';
import { type FcmFake, startFcmFake } from '../../testing/providers/fcm-fake.ts';
import { transportConditions } from '../../testing/providers/transport-conditions.ts';
import { apnsService } from '../apns-service.ts';
import { fcmService } from '../fcm-service.ts';
import { apnsTransport } from './apns/apns-transport.ts';
import { fcmTransport } from './fcm/fcm-transport.ts';

// What is fitted to a provider is what the provider takes: neither a byte too long, nor shorter than it has to be (push-protocol §3.1).

let fcm: FcmFake;
let apns: ApnsFake;
beforeAll(async () => {
  const { now } = transportConditions().clock;
  [fcm, apns] = await Promise.all([startFcmFake({ now }), startApnsFake({ now })]);
});
afterAll(() => Promise.all([fcm.close(), apns.close()]));

const transports = {
  gcm: (options: ReturnType<typeof transportConditions>['options']) =>
    fcmTransport({
      ...options,
      settings: fcmService.parse({
        projectId: fcm.projectId,
        serviceAccount: fcm.account.file,
        endpoint: fcm.endpoint,
      }),
    }),
  apns: (options: ReturnType<typeof transportConditions>['options']) =>
    apnsTransport({ ...options, settings: apnsService.parse({ ...apns.account, endpoint: apns.endpoint }) }),
};

test.each(['gcm', 'apns'] as const)('%s takes every message that is fitted to it', async (communicationType) => {
  const { options, clock, requests } = transportConditions({ trusted: apns.certificate });
  const transport = transports[communicationType](options);
  for (const size of [0, 900, 1_500, 2_000, 2_100, 2_400, 3_000, 3_072]) {
    for (const text of ['Is this you?', 'Bist du es? ✓'.repeat(60), '\\"\n'.repeat(200)]) {
      const claims = pushClaims({
        mechanismUid: randomUUID(),
        challenge: randomBytes(32),
        loadBalancerCookie: 'amlbcookie=01',
        text,
        pushType: 'CHALLENGE',
        createdAt: clock.now(),
        messageTimeout: 120_000,
        userId: 'jane',
        customAttributes: { note: 'ä'.repeat(size / 2) },
        context: { remoteIp: '198.51.100.7', userAgent: 'x'.repeat(200) },
        choices: [24, 57, 81],
      });
      const id = messageId('AUTHENTICATE', randomUUID(), clock.now());
      const fitted = fitToProvider(claims, { messageId: id, pushType: 'CHALLENGE', communicationType });
      const sent = await transport.send({
        communicationType,
        communicationId: communicationType === 'gcm' ? 'gcm:phone' : `apns:${'ab'.repeat(32)}`,
        messageId: id,
        jwt: signJsonHs256(fitted.json, randomBytes(32)),
        text: shownText(fitted.claims),
        pushType: 'CHALLENGE',
        expiresAt: clock.now() + 120_000,
      });
      expect(sent, `${size} bytes, ${text.length} characters`).toEqual({ status: 'sent' });
    }
  }
  requests.close();
  expect([fcm.refusals, apns.refusals]).toEqual([[], []]);
});
