import { hash } from 'node:crypto';
import {
  accounts,
  backChannels,
  type Identity,
  identities,
  type Port,
  type PortType,
  passwords,
  sendLimits,
  sendLimitsNow,
  type ThrottlePolicy,
  throttle,
} from '@assent/engine';
import { backChannelsAdapter, type Committer, storedPasswords } from '@assent/engine/host';
import { plainHasher, seededRandom, simulatedClock, testRealm } from '@assent/engine/testing';
import {
  boundDevices,
  hotp,
  type OathDevice,
  oathDevices,
  type Passkey,
  passkeys,
  recoveryCodes,
  secondFactors,
  skipSettings,
} from '@assent/factors';
import { sharedPasskeyLibrary } from '@assent/factors/testing';
import { nodeCatalogue } from '@assent/nodes';
import {
  type GuardedRequests,
  localHints,
  type MessageChange,
  type PushDependencies,
  pushDevices,
  pushMessages,
  relayTransport,
} from '@assent/push';
import { TestUnitOfWork } from '@assent/push/testing';
import { openMemoryStore } from '@assent/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodePorts } from '../src/journeys/node-ports.ts';

const USERS = ['demo', 'other', 'new'] as const;
const PASSWORDS = ['the first one', 'the second one'] as const;
const POLICY: ThrottlePolicy = { windowMillis: 60_000, free: 2, lockMillis: 30_000, maxLockMillis: 30_000 };
const MAILS = new Map([['mail', { ...POLICY, lockMillis: 0, maxLockMillis: 0, most: 2 }]]);
const FLAGS = { UP: true, UV: true, AT: false, ED: false, BE: false, BS: false } as const;
const passkeyOf = ({ id, realm, username }: Identity, credentialId: string): Passkey => ({
  uuid: `passkey-${credentialId}`,
  realm,
  userId: id,
  username,
  deviceName: 'Key',
  credentialId,
  userHandle: 'handle',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  algorithm: -7,
  signCount: 1,
  userVerified: true,
  backupEligible: false,
  backedUp: false,
  aaguid: '00000000-0000-0000-0000-000000000000',
  transports: [],
  attestation: 'NONE',
  rpId: 'localhost',
  createdAt: 0,
  lastAccessAt: 0,
  rev: 0,
});
const CLAIMS = {
  mechanismUid: 'mechanism',
  deviceId: 'device-id',
  deviceType: 'web',
  communicationType: 'relay',
  communicationId: 'relay-address',
};

/** What one run of operations has in hand: ids that it was given, and devices that it made. */
interface Hand {
  registration: string;
  request: string;
  codes: readonly string[];
  generators: OathDevice[];
  channel: string;
}

interface Ports {
  use<P extends Port>(token: P): PortType<P>;
  readonly hand: Hand;
}

/** One operation of a port; what it answers must be the same in a unit of work of many as in a unit of work of its own. */
interface Operation {
  readonly port: string;
  readonly name: string;
  run(ports: Ports): unknown;
}

const operation = <P extends Port>(
  token: P,
  name: string,
  run: (port: PortType<P>, hand: Hand, ports: Ports) => unknown,
): Operation => ({ port: token.portName, name, run: (ports) => run(ports.use(token), ports.hand, ports) });

/** Does something for a user who is there, and says so where there is none. */
const forUser = async (ports: Ports, name: string, act: (user: Identity) => unknown): Promise<unknown> => {
  const user = await ports.use(identities).find(name);
  return user === undefined ? 'nobody' : await act(user);
};

const userOperations = USERS.flatMap((name) => [
  operation(identities, `find ${name}`, async (port) => {
    const user = await port.find(name);
    return user && [user.username, user.active, user.attributes.mail, user.attributes.inetUserStatus];
  }),
  operation(identities, `findById ${name}`, (port, _hand, ports) =>
    forUser(ports, name, async ({ id }) => (await port.findById(id))?.attributes.mail),
  ),
  operation(identities, `setAttributes ${name}`, (port, _hand, ports) =>
    forUser(ports, name, () => port.setAttributes(name, { mail: [`${name}@example.com`] })),
  ),
  operation(identities, `update ${name}`, (port, _hand, ports) =>
    forUser(ports, name, () => port.update(name, 'mail', (values) => [...values.slice(-2), `${values.length}@x`])),
  ),
  ...[true, false].map((active) =>
    operation(identities, `setActive ${name} ${active}`, (port, _hand, ports) =>
      forUser(ports, name, () => port.setActive(name, active)),
    ),
  ),
  operation(accounts, `create ${name}`, async (port) => {
    const made = await port.create({
      username: name,
      password: 'the first one',
      attributes: { mail: ['made@example.com'] },
    });
    return made?.username;
  }),
  operation(accounts, `hasPassword ${name}`, (port, _hand, ports) =>
    forUser(ports, name, () => port.hasPassword(name)),
  ),
  ...PASSWORDS.flatMap((password) => [
    operation(accounts, `setPassword ${name} ${password}`, (port, _hand, ports) =>
      forUser(ports, name, () => port.setPassword(name, password)),
    ),
    operation(passwords, `verify ${name} ${password}`, async (port) => (await port.verify(name, password)).status),
  ]),
  operation(skipSettings, `read ${name}`, (port, _hand, ports) =>
    forUser(ports, name, (user) => port.read(user, 'oath')),
  ),
  ...(['SKIPPABLE', 'NOT_SKIPPABLE', 'NOT_SET'] as const).map((setting) =>
    operation(skipSettings, `write ${name} ${setting}`, (port, _hand, ports) =>
      forUser(ports, name, (user) => port.write(user, 'oath', setting)),
    ),
  ),
  operation(skipSettings, `read push ${name}`, (port, _hand, ports) =>
    forUser(ports, name, (user) => port.read(user, 'push')),
  ),
  operation(oathDevices, `ofUser ${name}`, (port, _hand, ports) =>
    forUser(ports, name, async ({ id }) =>
      (await port.ofUser(id)).map(({ counter, issuer }) => [issuer, counter]).sort(),
    ),
  ),
  operation(oathDevices, `save ${name}`, (port, hand, ports) =>
    forUser(ports, name, async (identity) => {
      const issuer = `generator ${hand.generators.length}`;
      const options = {
        identity,
        issuer,
        secretBytes: 20,
        digits: 6,
        checksumDigit: false,
        truncationOffset: -1,
      } as const;
      const device = port.create(options);
      const { status } = await port.save(identity, device);
      if (status === 'stored') hand.generators.push(device);
      return status;
    }),
  ),
  ...[0, 1].map((counter) =>
    operation(oathDevices, `verify ${name} ${counter}`, (port, hand, ports) =>
      forUser(ports, name, async (identity) => {
        const mine = hand.generators.find(({ userId }) => userId === identity.id);
        const password = mine === undefined ? '000000' : hotp({ secret: mine.secret, counter, digits: 6 });
        return (await port.verify({ identity, password, rules: { algorithm: 'HOTP', windowSize: 1 } })).status;
      }),
    ),
  ),
  ...(['push', 'oath'] as const).flatMap((type) => [
    operation(recoveryCodes, `replace ${name} ${type}`, (port, hand, ports) =>
      forUser(ports, name, async ({ id }) => {
        hand.codes = await port.replace(id, type);
      }),
    ),
    operation(recoveryCodes, `count ${name} ${type}`, (port, _hand, ports) =>
      forUser(ports, name, ({ id }) => port.count(id, type)),
    ),
    ...[0, 1].map((at) =>
      operation(recoveryCodes, `use ${name} ${type} ${at}`, (port, hand, ports) =>
        forUser(ports, name, (user) => port.use(user, type, hand.codes[at] ?? 'none')),
      ),
    ),
  ]),
  operation(recoveryCodes, `replaceBoth ${name}`, (port, hand, ports) =>
    forUser(ports, name, async ({ id }) => {
      hand.codes = await port.replaceBoth(id);
    }),
  ),
]);

const OPERATIONS: readonly Operation[] = [
  ...userOperations,
  ...['demo@example.com', 'made@example.com'].map((mail) =>
    operation(identities, `findBy ${mail}`, async (port) =>
      (await port.findBy('mail', mail)).map(({ username }) => username).sort(),
    ),
  ),
  operation(throttle, 'state', async (port) => {
    const { hits, locked } = await port.state('subject');
    return [hits.length, locked];
  }),
  operation(throttle, 'hit', (port) => port.hit('subject', POLICY)),
  operation(throttle, 'clear', (port) => port.clear('subject')),
  operation(sendLimits, 'take with the commit', (port) => port.take(MAILS)),
  operation(sendLimitsNow, 'take at once', (port) => port.take(MAILS)),
  operation(pushMessages, 'status of the registration', async (port, { registration }) => {
    const { status } = await port.status(registration);
    return status;
  }),
  operation(pushMessages, 'registrationUri', async (port, { registration }) => {
    const label = { issuer: 'Assent', account: 'demo', backgroundColor: '032b75' };
    return (await port.registrationUri(registration, label)) !== undefined;
  }),
  operation(pushMessages, 'openRegistration', (port, hand, ports) =>
    forUser(ports, 'demo', async (identity) => {
      const opened = await port.openRegistration({ identity, issuer: 'Assent', timeoutMillis: 60_000 });
      if (opened.status === 'opened') hand.registration = opened.messageId;
      return opened.status;
    }),
  ),
  operation(pushMessages, 'close the registration', (port, { registration }) => port.close(registration, 'cleanup')),
  operation(pushMessages, 'status of the request', async (port, { request }) => (await port.status(request)).status),
  operation(pushMessages, 'consume the request', async (port, { request }) => {
    // As nodes do it: what is taken was looked at.
    if ((await port.status(request)).status !== 'approved') return 'not there';
    port.consume(request, 'approved');
    return 'taken';
  }),
  operation(pushMessages, 'close the request', (port, { request }) => port.close(request, 'exit')),
  operation(pushMessages, 'isAtRisk', (port, _hand, ports) =>
    forUser(ports, 'demo', async (identity) =>
      port.isAtRisk({ identity, devices: await ports.use(pushDevices).ofUser(identity.id) }),
    ),
  ),
  operation(pushMessages, 'send', (port, hand, ports) =>
    forUser(ports, 'demo', async (identity) => {
      const devices = await ports.use(pushDevices).ofUser(identity.id);
      if (devices.length === 0) return 'no device';
      const result = await port.send({
        identity,
        devices,
        text: 'Sign in?',
        namelessText: '',
        user: 'demo',
        pushType: 'DEFAULT',
        timeoutMillis: 60_000,
        payload: {},
        waitForProvider: false,
      });
      if (result.status === 'sent') hand.request = result.messageId;
      return result.status;
    }),
  ),
  operation(pushDevices, 'ofUser', (port, _hand, ports) =>
    forUser(ports, 'demo', async ({ id }) =>
      (await port.ofUser(id)).map(({ mechanismUid, lastAccessAt }) => [mechanismUid, lastAccessAt]),
    ),
  ),
  operation(pushDevices, 'register', (port, { registration }, ports) =>
    forUser(ports, 'demo', async (identity) => {
      const claims = { ...CLAIMS, mechanismUid: `${CLAIMS.mechanismUid} of the registration` };
      return (await port.register({ identity, messageId: registration, issuer: 'Assent', claims })).status;
    }),
  ),
  operation(pushDevices, 'register, to be proven', (port, { registration }, ports) =>
    forUser(ports, 'demo', async (identity) => {
      const claims = { ...CLAIMS, mechanismUid: 'to be proven' };
      const asked = { identity, messageId: registration, issuer: 'Assent', claims, proveBy: START + 60_000 };
      return (await port.register(asked)).status;
    }),
  ),
  operation(pushDevices, 'discard', (port) => port.discard()),
  operation(pushDevices, 'accessed', (port, _hand, ports) =>
    forUser(ports, 'demo', async ({ id }) => {
      const [device] = await port.ofUser(id);
      if (device !== undefined) port.accessed(device.uuid);
    }),
  ),
  operation(pushDevices, 'answeredBy', async (port, { request }) => (await port.answeredBy(request)) !== undefined),
  operation(boundDevices, 'ofUser, bound', (port, _hand, ports) =>
    forUser(ports, 'demo', async ({ id }) =>
      (await port.ofUser(id)).map(({ uuid, lastAccessAt }) => [uuid, lastAccessAt]),
    ),
  ),
  ...[true, false].map((isFirst) =>
    operation(boundDevices, `save a bound phone${isFirst ? ', the first factor' : ''}`, (port, _hand, ports) =>
      forUser(ports, 'demo', async (identity) => {
        const kid = `bound-${isFirst}`;
        const device = port.create({
          identity,
          binding: {
            kid,
            key: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid },
            applicationId: 'com.example.app',
            certificates: [],
          },
          deviceName: 'Phone',
          deviceId: 'installation',
          authenticationType: 'NONE',
          attested: false,
        });
        return (await port.save(identity, device, { maxDevices: 2, isFirst })).status;
      }),
    ),
  ),
  operation(boundDevices, 'used', (port, _hand, ports) =>
    forUser(ports, 'demo', async ({ id }) => {
      const [device] = await port.ofUser(id);
      return device === undefined ? 'no device' : port.used(device);
    }),
  ),
  operation(boundDevices, 'refused', (port) => port.refused(undefined, 'signature')),
  operation(passkeys, 'ofUser, passkeys', (port, _hand, ports) =>
    forUser(ports, 'demo', async ({ id }) =>
      (await port.ofUser(id)).map(({ uuid, signCount, lastAccessAt }) => [uuid, signCount, lastAccessAt]),
    ),
  ),
  operation(passkeys, 'find', async (port) => (await port.find('true'))?.signCount),
  ...[true, false].map((isFirst) =>
    operation(passkeys, `save a passkey${isFirst ? ', the first factor' : ''}`, (port, _hand, ports) =>
      forUser(ports, 'demo', (user) => port.save(user, passkeyOf(user, String(isFirst)), { maxDevices: 2, isFirst })),
    ),
  ),
  operation(passkeys, 'used, passkey', (port, _hand, ports) =>
    forUser(ports, 'demo', async (owner) => {
      const [passkey] = await port.ofUser(owner.id);
      if (passkey === undefined) return 'no passkey';
      const assertion = { ok: true, flags: FLAGS, signCount: passkey.signCount + 1, isCounterMismatch: false } as const;
      const relyingParty = { id: 'localhost', origins: [] };
      return port.used(passkey, assertion, { owner, relyingParty, isMismatchTold: false });
    }),
  ),
  operation(passkeys, 'refused, passkey', (port) => port.refused(undefined, 'signature')),
  operation(secondFactors, 'read second factors', (port, _hand, ports) =>
    forUser(ports, 'demo', ({ id }) => port.any(id)),
  ),
  operation(backChannels, 'open', (port, hand) => {
    const opened = port.open({ tree: 'Answer', data: {}, seconds: 60, allowRetry: false });
    hand.channel = opened?.id ?? '';
    return opened !== undefined;
  }),
  operation(backChannels, 'progress', async (port, { channel }) => (await port.progress(channel)).status),
];

/** Ports that change nothing which they, or any other, could read in the same unit of work. */
const WITHOUT_WRITES: Readonly<Record<string, string>> = {
  clock: 'reads only',
  random: 'reads only',
  passwordHasher: 'computes only',
  passwordPolicy: 'computes only',
  scripts: 'runs scripts; what they write goes through the ports of their node',
  selfService: 'reads only',
  keyFiles: 'reads only',
  cookieKey: 'reads only',
  keyAttestations: 'reads only',
  mailer: 'sends',
  templateMailer: 'sends',
  journeyMetrics: 'is read by nobody but the operator',
};

const START = simulatedClock().now();
const digest = (text: string) => hash('sha256', text, 'base64url');

/** A store with a user who has a phone, a request that the phone has approved, and a registration that it has answered. */
const prepared = async () => {
  const store = await openMemoryStore();
  const clock = simulatedClock();
  clock.advance(1_000);
  const random = seededRandom(3);
  const hints = localHints(() => undefined);
  const push: PushDependencies = {
    ...store,
    configuration: { service: () => undefined, realm: () => testRealm() },
    transports: {
      hasService: () => true,
      find: () => relayTransport(hints),
    } as unknown as PushDependencies['transports'],
    dispatcher: { dispatch: () => undefined, sendNow: async () => [] },
    instance: 'instance-1',
    hints,
    clock,
    random,
    isKnownSource: async () => false,
    publicUrl: 'http://localhost:8080/am',
    loadBalancerCookie: 'amlbcookie=01',
    codePepper: new Uint8Array(32),
  };
  const bindings = nodePorts({
    passkeyLibrary: sharedPasskeyLibrary(),
    authenticatorTrusts: () => ({
      rootsUnder: () => [],
      revocationLists: async () => [],
      modelOf: async () => undefined,
    }),
    store,
    push,
    factors: { ...store, ...push, devices: store.devices },
    keeper: storedPasswords({ identities: store.identities, hasher: plainHasher }),
    hasher: plainHasher,
    mailer: { send: async () => ({ status: 'accepted' }) },
    digest,
    spray: { right: () => undefined, wrong: () => undefined },
    requests: {
      of: () => ({ send: () => Promise.reject(new Error('nobody is called')) }),
    } as unknown as GuardedRequests,
  }).bind(
    backChannels,
    backChannelsAdapter({
      reader: store.backChannels,
      configuration: {
        tree: (realm, name) =>
          ({ realm, name, version: 1, nodes: {}, tree: { enabled: true, transactionalOnly: true } }) as never,
      },
      clock,
      random,
      digest,
      links: () => ({ pageLink: '', startLink: '' }),
    }),
  );
  const hand: Hand = { registration: '', request: '', codes: [], generators: [], channel: '' };
  const newUnit = (committer: Committer = store.committer) => {
    const unit = new TestUnitOfWork({ committer });
    const bound = new Map<string, unknown>();
    const ports: Ports = {
      hand,
      use(token) {
        const port = bound.get(token.portName) ?? bindings.get(token.portName)?.(unit);
        bound.set(token.portName, port);
        return port as never;
      },
    };
    return { unit, ports };
  };
  const run = async (name: string, given: ReturnType<typeof newUnit>) => {
    const found = OPERATIONS.find((candidate) => candidate.name === name);
    if (found === undefined) throw new RangeError(`There is no operation "${name}".`);
    return await found.run(given.ports);
  };
  const answered = async (id: string, claims?: typeof CLAIMS) => {
    const change = {
      type: 'push.answer',
      id,
      state: 'approved',
      at: clock.now(),
      answerHash: 'x',
      ...(claims && { claims }),
    } satisfies MessageChange;
    expect(await store.committer.commit([change])).toEqual({ committed: true });
  };
  const alone = async (name: string) => {
    const given = newUnit();
    const answer = await run(name, given);
    expect(await given.unit.commit()).toEqual({ committed: true });
    return answer;
  };
  for (const name of ['create demo', 'create other', 'setAttributes demo', 'openRegistration']) await alone(name);
  await answered(hand.registration, CLAIMS);
  await alone('register');
  await alone('send');
  await answered(hand.request);
  await alone('openRegistration');
  await answered(hand.registration, CLAIMS);
  return { newUnit, run, alone };
};

const names = OPERATIONS.map(({ name }) => name);
const DEMO = names.filter((name) => !/ (other|new)\b/.test(name));

/** Operations that follow one upon another in one unit of work, mostly about the same user. */
const sequence = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...DEMO) }, fc.constantFrom(...names)), {
  minLength: 2,
  maxLength: 8,
});

describe('what a unit of work has staged is seen by what runs after it in that unit of work (B1)', () => {
  test('every port of the catalogue is looked at here, or changes nothing', () => {
    const used = new Set([...nodeCatalogue.values()].flatMap(({ uses }) => uses.map(({ portName }) => portName)));
    const known = new Set([...OPERATIONS.map(({ port }) => port), ...Object.keys(WITHOUT_WRITES)]);
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
  });

  test('many operations in one unit of work answer as each does in a unit of work of its own', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async (operations) => {
        const [apart, together] = [await prepared(), await prepared()];
        const expected: unknown[] = [];
        for (const name of operations) expected.push([name, await apart.alone(name)]);
        const one = together.newUnit();
        const seen: unknown[] = [];
        for (const name of operations) seen.push([name, await together.run(name, one)]);
        expect(seen).toEqual(expected);
        // And all of it can be committed, and reads the same from the store.
        expect(await one.unit.commit()).toEqual({ committed: true });
        for (const name of LOOKS) expect([name, await together.alone(name)]).toEqual([name, await apart.alone(name)]);
      }),
      { numRuns: 250 },
    );
  });
});

/** Verbs that only look. */
const LOOKS = names.filter((name) =>
  /^(find|hasPassword|read|ofUser|count|state|status|registrationUri|progress)/.test(name),
);
