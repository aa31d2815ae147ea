import type { Identity, RealmSettings } from '@assent/engine';
import { identitiesAdapter } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import type { StoreChange } from '@assent/store';
import { type DispatcherDependencies, pushDispatcher } from '../../delivery/dispatcher.ts';
import { localHints } from '../../delivery/hints.ts';
import { ProviderCalls } from '../../delivery/provider-calls.ts';
import { PUSH_SERVICE } from '../../delivery/push-service.ts';
import type { DeliveryFailed, PushTransport } from '../../delivery/push-transport.ts';
import { realmTransports } from '../../delivery/realm-transports.ts';
import { relayTransport } from '../../delivery/transports/relay-transport.ts';
import { pushDevicesAdapter } from '../../enrolment/push-devices-adapter.ts';
import type { PushMessage } from '../../model/messages.ts';
import { afterRefusal, refusalSubject } from '../../model/push-limits.ts';
import type { PushRequestOptions } from '../../model/push-messages.ts';
import { phoneEndpoint } from '../../phone-endpoint/answer-phone.ts';
import type { PhoneCall } from '../../phone-endpoint/phone-call.ts';
import { relay } from '../../phone-endpoint/relay.ts';
import { pushMessagesAdapter } from '../../requests/push-messages-adapter.ts';
import { movableClock, repeatableRandom } from '../simulated.ts';
import { TestPhone, type TestPhoneOptions } from '../test-phone.ts';
import { TestUnitOfWork, type Visitor } from '../test-unit-of-work.ts';
import { storedPushPorts } from './stored-push-ports.ts';

export const PUBLIC_URL = 'http://localhost:8080/am';

/** Which instance commits and sends. */
export const INSTANCE = 'instance-1';

const SNS_SETTINGS = {
  accessKey: 'AKIAEXAMPLE',
  secret: 'secret',
  appleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/GCM/phone',
};

/** A provider that takes everything, or fails as the test says. */
export interface WillingProvider extends PushTransport {
  failure: Omit<DeliveryFailed, 'status'> | undefined;
  register: PushTransport['register'];
  send: PushTransport['send'];
}

export const willingProvider = (sent: string[]): WillingProvider => {
  const provider: WillingProvider = {
    failure: undefined,
    serves: (type) => type === 'gcm' || type === 'apns',
    isPulled: false,
    register: async (deviceId) =>
      provider.failure
        ? { status: 'failed', ...provider.failure }
        : { status: 'registered', communicationId: `arn:${deviceId}` },
    async send({ messageId }) {
      if (provider.failure) return { status: 'failed', ...provider.failure };
      sent.push(messageId);
      return { status: 'sent' };
    },
  };
  return provider;
};

export interface PushWorldOptions {
  readonly realms?: readonly RealmSettings[];
  readonly hasService?: boolean;
  /** The settings of services other than push. */
  readonly settingsOf?: (realm: string, type: string) => Readonly<Record<string, unknown>> | undefined;
}

/** All of push over a store, with a user and phones that a test adds. */
export function pushWorld({ realms = [testRealm()], hasService = true, settingsOf }: PushWorldOptions = {}) {
  let isServed = hasService;
  let isStoredElsewhere = false;
  const ports = storedPushPorts();
  const clock = movableClock();
  const random = repeatableRandom();
  const hints = localHints();
  const sent: string[] = [];
  const provider = willingProvider(sent);
  const service = { realm: '/', type: PUSH_SERVICE, config: SNS_SETTINGS };
  const configuration = {
    realm: (path: string): RealmSettings | undefined => realms.find((it) => it.active && it.realm === path),
    service: (realm: string, type: string) => {
      if (configuration.realm(realm) === undefined) return undefined;
      const config = settingsOf?.(realm, type);
      if (config !== undefined) return { realm, type, config };
      return isServed && type === PUSH_SERVICE ? service : undefined;
    },
  };
  const transports = realmTransports({
    configuration,
    catchUp: async () => {
      isServed ||= isStoredElsewhere;
    },
    relay: relayTransport(hints),
    webpush: provider,
    sns: () => provider,
    fcm: () => provider,
    apns: () => provider,
  });
  const { messages, devices, replays, throttles, identities, committer } = ports;
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const log = {
    warn: (msg: string, fields: Readonly<Record<string, unknown>>) => void warnings.push({ msg, ...fields }),
  };
  const calls = new ProviderCalls({ clock, log });
  /** What another instance sends by, over the same rows. */
  const dispatcherOf = (
    instance: string,
    by = new ProviderCalls({ clock, log }),
    options: Pick<DispatcherDependencies, 'concurrency' | 'later'> = {},
  ) =>
    pushDispatcher({
      ...options,
      instance,
      transports,
      calls: by,
      messages,
      devices,
      committer,
      hints,
      clock,
      log,
      wait: () => new Promise(() => undefined),
    });
  const dispatcher = dispatcherOf(INSTANCE, calls);
  /** Where the users have signed in from lately. */
  const knownSources = new Set<string>();
  const dependencies = {
    messages,
    devices,
    replays,
    throttles,
    isKnownSource: async (_userId: string, source: string) => knownSources.has(source),
    identities,
    committer,
    configuration,
    transports,
    dispatcher,
    instance: INSTANCE,
    hints,
    clock,
    random,
    publicUrl: PUBLIC_URL,
    loadBalancerCookie: 'amlbcookie=01',
    codePepper: random.bytes(32),
  };
  const endpoint = phoneEndpoint(dependencies);
  const bind = {
    messages: pushMessagesAdapter(dependencies),
    devices: pushDevicesAdapter(dependencies),
    identities: identitiesAdapter(identities, clock),
  };
  const user: Identity = ports.addIdentity({ id: 'user-1', username: 'jane' });

  const unit = (
    given: Pick<ConstructorParameters<typeof TestUnitOfWork>[0], 'realm' | 'journeyId' | 'from' | 'request'> = {},
  ): TestUnitOfWork => new TestUnitOfWork({ committer, ...(realms[0] && { realm: realms[0] }), ...given });

  const call = (action: string, body: unknown, realm = '/', clientAddress = '203.0.113.7') =>
    endpoint({ action, body, realm, clientAddress, transactionId: 'transaction-2' } satisfies PhoneCall);

  /** Shows a code to a new phone. */
  const openCode = async (identity = user, journeyId = 'journey-1', timeoutMillis = 60_000) => {
    const step = unit({ journeyId });
    const port = bind.messages(step);
    const opened = await port.openRegistration({ identity, issuer: 'Acme', timeoutMillis });
    if (opened.status !== 'opened') throw new Error(opened.status);
    await step.commit();
    const next = bind.messages(unit({ journeyId }));
    const label = { issuer: 'Acme', account: identity.username, backgroundColor: '032b75' };
    const uri = await next.registrationUri(opened.messageId, label);
    if (uri === undefined) throw new Error('no code');
    return { ...opened, uri };
  };

  /** A phone that is registered as users do it. */
  const registeredPhone = async (options: TestPhoneOptions = {}, identity = user): Promise<TestPhone> => {
    const phone = new TestPhone(options);
    const journeyId = `registration-${phone.mechanismUid}`;
    const { uri, messageId } = await openCode(identity, journeyId);
    const reply = await call('register', phone.registration(phone.scan(uri)));
    if (reply.status !== 200) throw new Error(reply.cause);
    const step = unit({ journeyId });
    const status = await bind.messages(step).status(messageId);
    if (status.status !== 'approved' || status.claims === undefined) throw new Error(status.status);
    const stored = await bind.devices(step).register({ identity, messageId, issuer: 'Acme', claims: status.claims });
    if (stored.status !== 'stored') throw new Error(stored.status);
    if (!(await step.commit()).committed) throw new Error('not committed');
    return phone;
  };

  /** Sends to all phones of the user, in a journey of its own, and commits. */
  const send = async (
    given: Partial<PushRequestOptions> & { readonly journeyId?: string; readonly from?: Visitor } = {},
  ) => {
    const { journeyId = 'journey-1', from, ...options } = given;
    const step = unit({ journeyId, ...(from && { from }) });
    const result = await bind.messages(step).send({
      identity: user,
      devices: await devices.ofUser(user.id),
      text: 'Is this you? {{user}} is signing in to {{issuer}}.',
      namelessText: 'Is this you? Somebody is signing in to {{issuer}}.',
      user: user.username,
      pushType: 'DEFAULT',
      timeoutMillis: 120_000,
      payload: {},
      waitForProvider: false,
      ...options,
    });
    const committed = await step.commit();
    return { result, committed };
  };

  /** Sends a request, for tests that expect it to be sent: with the row of each phone. */
  const sendTo = async (given: Parameters<typeof send>[0] = {}) => {
    const { result } = await send(given);
    if (result.status !== 'sent') throw new Error(result.status);
    const rows = ports.rows().filter((row) => row.request === result.messageId);
    const rowFor = (phone: TestPhone): PushMessage & { readonly jwt: string } => {
      const row = rows.find((it) => it.mechanismUid === phone.mechanismUid);
      if (row?.envelope === undefined) throw new Error('no message for that phone');
      return { ...row, jwt: row.envelope.jwt };
    };
    return { ...result, rows, rowFor };
  };

  const status = (messageId: string, journeyId = 'journey-1') => bind.messages(unit({ journeyId })).status(messageId);

  const consume = async (messageId: string, state: 'approved' | 'denied', journeyId = 'journey-1') => {
    const step = unit({ journeyId });
    const port = bind.messages(step);
    await port.status(messageId);
    port.consume(messageId, state);
    return step.commit();
  };

  /** Adds a recovery code of the user, which goes with the last phone that counts. */
  const stageCode = (step: TestUnitOfWork): void => {
    const { id: userId, realm } = user;
    const row = { id: 'code-1', realm, userId, deviceType: 'push', selector: 'selector-1', hash: 'hash-1' } as const;
    step.stage({ type: 'codes.replace', userId, deviceType: 'push', rows: [row] } satisfies StoreChange);
  };

  /** The user has answered "not me" to a request from there, or from a place that is not known. */
  const refuse = async (place?: string): Promise<void> => {
    const { row } = afterRefusal(undefined, refusalSubject(user.id, place), 'not me', clock.now());
    await committer.commit([{ type: 'throttle.put', row }]);
  };

  /** Whether a refusal holds back requests from there. */
  const isHeldBack = async (place?: string): Promise<boolean> => {
    const [row] = await throttles.get([refusalSubject(user.id, place)]);
    return (row?.lockedUntil ?? 0) > clock.now();
  };

  const events = () => ports.audit.map(({ event, outcome }) => (outcome === undefined ? event : `${event} ${outcome}`));

  return {
    ports,
    clock,
    hints,
    provider,
    sent,
    log,
    warnings,
    calls,
    dispatcher,
    dispatcherOf,
    transports,
    /** Another process has stored the service, and this one has not looked since. */
    storeServiceElsewhere() {
      isServed = false;
      isStoredElsewhere = true;
    },
    dependencies,
    knownSources,
    relay: relay(dependencies),
    bind,
    user,
    unit,
    call,
    openCode,
    registeredPhone,
    send,
    sendTo,
    status,
    consume,
    stageCode,
    refuse,
    isHeldBack,
    events,
  };
}
