import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { ProviderTransport, PushTransport } from '@assent/push';
import type { PushAccount } from '../phone/account/account-store.ts';
import type { PersonaName } from '../phone/account/personas.ts';
import { openMessage, readDeliveries } from '../phone/messages/push-message.ts';
import { type Finding, ok, problem, warning } from './check.ts';

/** A provider that is played, the phone behind it, and the way there. */
interface PlayedProvider {
  readonly name: string;
  readonly persona: PersonaName;
  readonly type: 'gcm' | 'apns' | 'webpush';
  readonly token: string;
  readonly transport: PushTransport & Partial<Pick<ProviderTransport, 'check'>>;
  /** What has reached the phone, as its app is handed it. */
  delivered(): readonly string[];
}

const LIFETIME_MILLIS = 120_000;

/**
 * Delivers a message to a phone of each kind by providers that are played on this machine, as strict as the real ones (OPS-48): for whoever
 * has no account with a vendor, and to see which hop does what.
 */
export const simulateDeliveries = async (now: () => number): Promise<readonly Finding[]> => {
  const push = await import('@assent/push');
  const fakes = await import('@assent/push/fakes');
  const vapid = push.vapidKeys(push.newVapidSecret());
  const keys = { accessKey: 'AKIASIMULATED', secret: randomUUID() };
  const arn = (platform: string): string => `arn:aws:sns:us-east-1:000000000000:app/${platform}/simulated`;
  const applications = { googleEndpoint: arn('GCM'), appleEndpoint: arn('APNS') };
  const [fcm, apns, sns, browser] = await Promise.all([
    fakes.startFcmFake({ now }),
    fakes.startApnsFake({ now }),
    fakes.startSnsFake({
      keys: { [keys.accessKey]: keys.secret },
      applications: Object.fromEntries(Object.values(applications).map((it) => [it, true])),
    }),
    fakes.startWebPushFake(vapid.publicKey, now),
  ]);
  const requests = push.guardedRequests({ allowsLoopback: true, trusted: apns.certificate });
  const options = {
    clock: { now },
    random: { int: (below: number) => randomInt(below) },
    requests: requests.of(push.OF_OPERATOR),
    alarm: () => undefined,
  };
  const played: readonly PlayedProvider[] = [
    {
      name: 'simulated Google',
      persona: 'android4',
      type: 'gcm',
      token: 'simulated-android-phone',
      transport: push.fcmTransport({
        ...options,
        settings: { projectId: fcm.projectId, serviceAccount: fcm.account.file, endpoint: fcm.endpoint },
      }),
      delivered: () => fcm.delivered.map(({ data }) => JSON.stringify({ data })),
    },
    {
      name: 'simulated Apple',
      persona: 'ios4',
      type: 'apns',
      token: randomBytes(32).toString('hex'),
      transport: push.apnsTransport({
        ...options,
        settings: { ...apns.account, sandbox: false, endpoint: apns.endpoint },
      }),
      delivered: () => apns.delivered.map(({ text }) => text),
    },
    {
      name: 'simulated Amazon',
      persona: 'ping-android',
      type: 'gcm',
      token: 'simulated-android-phone',
      transport: push.snsTransport({
        ...options,
        settings: { ...keys, ...applications, region: 'us-east-1' },
        endpoint: sns.endpoint,
      }),
      delivered: () => sns.published.map(({ payload }) => JSON.stringify(payload.GCM)),
    },
    {
      name: 'simulated browser',
      persona: 'assent',
      type: 'webpush',
      token: browser.subscription('simulated'),
      transport: push.webPushTransport({
        ...options,
        hints: push.localHints(),
        keys: vapid,
        contact: 'mailto:nobody@localhost.invalid',
        endpoints: { hosts: [], allowsLoopback: true },
      }),
      delivered: () => browser.taken.map(({ text }) => text),
    },
  ];
  try {
    return (await Promise.all(played.map((provider) => deliver(provider, now)))).flat();
  } finally {
    requests.close();
    await Promise.all([fcm, apns, sns, browser].map((fake) => fake.close()));
  }
};

/** Walks one way from its settings to the screen of the phone, and stops at the hop that is broken. */
const deliver = async (provider: PlayedProvider, now: () => number): Promise<readonly Finding[]> => {
  const { name, persona, type, token, transport } = provider;
  const findings: Finding[] = [];
  const { SNS_CLIENT, SNS_CLIENT_MISSING } = await import('@assent/push');
  const checked = await transport.check?.();
  if (checked !== undefined) {
    if (checked.status === 'wrong' && checked.cause === SNS_CLIENT_MISSING) {
      return [
        warning(
          name,
          'It was left out, since the client of Amazon is not installed.',
          `npm install ${SNS_CLIENT}, where a realm sends by Amazon`,
        ),
      ];
    }
    if (checked.status !== 'right') return [problem(name, `The settings were refused: ${checked.status}.`)];
    findings.push(ok(name, 'The provider knows the realm; nothing was sent to find that out.'));
  }
  const registered = await transport.register(token, type);
  if (registered.status === 'failed')
    return [...findings, problem(name, `No phone was registered: ${registered.cause}.`)];
  findings.push(
    ok(name, `A phone was registered, and has an address that begins with ${registered.communicationId.slice(0, 8)}.`),
  );

  const secret = randomBytes(32);
  const account = accountOf(persona, type, token, secret, now());
  const message = await signedMessage(account, secret, now());
  const sent = await transport.send({
    communicationType: type,
    communicationId: registered.communicationId,
    pushType: 'DEFAULT',
    ...message,
  });
  if (sent.status === 'failed') return [...findings, problem(name, `The message was refused: ${sent.cause}.`)];
  findings.push(ok(name, 'The provider has taken a message.'));

  const [payload, ...more] = provider.delivered();
  if (payload === undefined || more.length > 0)
    return [...findings, problem(name, `The phone got ${provider.delivered().length} messages instead of one.`)];
  findings.push(ok(name, `The phone got ${Buffer.byteLength(payload)} bytes.`));
  const [delivery] = readDeliveries(payload);
  if (delivery === undefined) return [...findings, problem(name, 'The app finds no message in them.')];
  const request = openMessage(delivery, account, now());
  return [...findings, ok(name, `The app (${persona}) has verified the message, and shows: ${request.message}`)];
};

const accountOf = (
  persona: PersonaName,
  type: string,
  deviceId: string,
  secret: Uint8Array,
  addedAt: number,
): PushAccount => ({
  kind: 'push',
  id: type,
  persona,
  issuer: 'Assent',
  name: 'jane',
  key: Buffer.from(secret).toString('base64'),
  mechanismUid: randomUUID(),
  deviceId,
  deviceName: 'Simulated phone',
  registerUrl: '',
  authenticateUrl: '',
  addedAt,
  clockOffsetMillis: 0,
  answered: [],
});

/** The message that a journey of that account would send. */
const signedMessage = async ({ mechanismUid }: PushAccount, secret: Uint8Array, createdAt: number) => {
  const { messageId, pushClaims } = await import('@assent/push/protocol');
  const { signHs256 } = await import('@assent/push/jose');
  const text = 'Is this you? jane is signing in to Assent.';
  const claims = pushClaims({
    mechanismUid,
    challenge: randomBytes(32),
    loadBalancerCookie: 'amlbcookie=01',
    text,
    pushType: 'DEFAULT',
    createdAt,
    messageTimeout: LIFETIME_MILLIS,
    userId: 'jane',
  });
  return {
    messageId: messageId('AUTHENTICATE', randomUUID(), createdAt),
    jwt: signHs256(claims, secret),
    text,
    expiresAt: createdAt + LIFETIME_MILLIS,
  };
};
