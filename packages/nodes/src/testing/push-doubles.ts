import type { Identity } from '@assent/engine';
import { testUserId } from '@assent/engine/testing';
import type {
  BoundDevice,
  BoundDevices,
  CodeOwner,
  CodeVerdict,
  OathDevice,
  OathDevices,
  RecoveryCodes,
  SecondFactors,
  SkipSetting,
  SkipSettings,
} from '@assent/factors';
import type {
  MessageStatus,
  PushDevice,
  PushDevices,
  PushMessages,
  PushRequestOptions,
  PushRequestResult,
} from '@assent/push';

/** A user's phone, as far as nodes look at it. */
export const testDevice = (overrides: Partial<PushDevice> = {}): PushDevice => ({
  uuid: 'device-1',
  realm: '/',
  userId: testUserId('demo'),
  username: 'demo',
  deviceName: 'Pixel 8',
  issuer: 'Assent',
  secret: new Uint8Array(32),
  mechanismUid: 'mechanism-1',
  deviceId: 'token-1',
  deviceType: 'android',
  communicationType: 'gcm',
  communicationId: 'endpoint-1',
  createdAt: 0,
  lastAccessAt: 0,
  refreshHashes: [],
  rev: 1,
  ...overrides,
});

export const REGISTER_ID = 'REGISTER:53b85112-8ba9-4b7e-9107-ecbca2d65f7b1695151603616';
export const AUTHENTICATE_ID = 'AUTHENTICATE:53b85112-8ba9-4b7e-9107-ecbca2d65f7b1695151603616';
export const TEST_URI = 'pushauth://push/Assent:demo?m=REGISTER%3A1&b=032b75';

/** What a phone says when it registers. */
export const TEST_CLAIMS = {
  mechanismUid: 'mechanism-1',
  deviceId: 'token-1',
  deviceType: 'android',
  communicationType: 'gcm',
  communicationId: 'endpoint-1',
};

/** Messages whose state a test sets; every call that would write is noted. */
export class MemoryMessages implements PushMessages {
  service = true;
  statusNow: MessageStatus = { status: 'pending' };
  uri: string | undefined = TEST_URI;
  result: PushRequestResult = {
    status: 'sent',
    messageId: AUTHENTICATE_ID,
    mechanismUid: 'mechanism-1',
    expiresAt: 1_000_000,
  };
  atRisk = false;
  /** Thrown by the named method. */
  failing: { readonly method: string; readonly error: Error } | undefined;
  readonly opened: { issuer: string; timeoutMillis: number; username: string }[] = [];
  readonly labels: unknown[] = [];
  readonly sent: PushRequestOptions[] = [];
  readonly closed: [id: string, reason: string][] = [];
  readonly consumed: [id: string, state: string][] = [];

  async openRegistration({ identity, issuer, timeoutMillis }: Parameters<PushMessages['openRegistration']>[0]) {
    this.#mayFail('openRegistration');
    if (!this.service) return { status: 'serviceMissing' } as const;
    this.opened.push({ issuer, timeoutMillis, username: identity.username });
    return {
      status: 'opened',
      messageId: REGISTER_ID,
      deviceProfile: 'cGxhY2Vob2xkZXI=',
      challengeKey: 'placeholder',
    } as const;
  }

  async registrationUri(_id: string, label: unknown) {
    this.#mayFail('registrationUri');
    this.labels.push(label);
    return this.uri;
  }

  async isAtRisk() {
    this.#mayFail('isAtRisk');
    return this.atRisk;
  }

  async status() {
    this.#mayFail('status');
    return this.statusNow;
  }

  async send(options: PushRequestOptions) {
    this.#mayFail('send');
    this.sent.push(options);
    return this.result;
  }

  async pretend() {
    this.#mayFail('pretend');
    return this.result;
  }

  consume(id: string, state: 'approved' | 'denied') {
    this.consumed.push([id, state]);
  }

  close(id: string, reason: string) {
    this.closed.push([id, reason]);
  }

  hasService() {
    return this.service;
  }

  #mayFail(method: string): void {
    if (this.failing?.method === method) throw this.failing.error;
  }
}

/** Devices by user id. */
export class MemoryDevices implements PushDevices {
  devices: PushDevice[];
  registration: Awaited<ReturnType<PushDevices['register']>> = { status: 'stored', device: testDevice() };
  confirmation: Awaited<ReturnType<PushDevices['confirm']>> = { status: 'stored', device: testDevice() };
  answering: PushDevice | undefined;
  failing: { readonly method: string; readonly error: Error } | undefined;
  readonly registered: { issuer: string; messageId: string; proveBy?: number }[] = [];
  /** Ids of the requests by which a pending phone became one of the user's. */
  readonly confirmed: string[] = [];
  discards = 0;
  readonly accesses: string[] = [];

  constructor(...devices: PushDevice[]) {
    this.devices = devices;
    this.answering = devices[0];
  }

  async ofUser(userId: string) {
    this.#mayFail('ofUser');
    return this.devices.filter((device) => device.userId === userId);
  }

  async register({ issuer, messageId, proveBy }: Parameters<PushDevices['register']>[0]) {
    this.#mayFail('register');
    this.registered.push({ issuer, messageId, ...(proveBy !== undefined && { proveBy }) });
    return this.registration;
  }

  async confirm({ messageId }: Parameters<PushDevices['confirm']>[0]) {
    this.#mayFail('confirm');
    this.confirmed.push(messageId);
    return this.confirmation;
  }

  discard() {
    this.discards += 1;
  }

  accessed(uuid: string) {
    this.accesses.push(uuid);
  }

  async answeredBy() {
    this.#mayFail('answeredBy');
    return this.answering;
  }

  #mayFail(method: string): void {
    if (this.failing?.method === method) throw this.failing.error;
  }
}

/** Generators of passwords by user id; what is good is the test's to say. */
export class MemoryOathDevices implements OathDevices {
  devices: OathDevice[];
  check: Awaited<ReturnType<OathDevices['verify']>> = { status: 'noDevice' };
  saving: Awaited<ReturnType<OathDevices['save']>> = { status: 'stored' };
  failing: { readonly method: string; readonly error: Error } | undefined;
  readonly verified: Parameters<OathDevices['verify']>[0][] = [];
  readonly inVain: Parameters<OathDevices['verifyInVain']>[0][] = [];
  #made = 0;

  constructor(...devices: OathDevice[]) {
    this.devices = devices;
  }

  async ofUser(userId: string) {
    this.#mayFail('ofUser');
    return this.devices.filter((device) => device.userId === userId);
  }

  create(options: Parameters<OathDevices['create']>[0]): OathDevice {
    this.#made += 1;
    const { identity, secretBytes, ...given } = options;
    const secret = new Uint8Array(secretBytes).fill(this.#made);
    return testOathDevice({ ...given, uuid: `oath-${this.#made}`, userId: identity.id, secret, rev: 0 });
  }

  async save(_identity: Identity, device: OathDevice) {
    this.#mayFail('save');
    if (this.saving.status === 'stored') this.devices = [device, ...this.devices];
    return this.saving;
  }

  async verify(options: Parameters<OathDevices['verify']>[0]) {
    this.#mayFail('verify');
    this.verified.push(options);
    return this.check;
  }

  async verifyInVain(options: Parameters<OathDevices['verifyInVain']>[0]) {
    this.#mayFail('verify');
    this.inVain.push(options);
    return { status: 'refused', refusal: { reason: 'wrong' } } as const;
  }

  #mayFail(method: string): void {
    if (this.failing?.method === method) throw this.failing.error;
  }
}

export const testOathDevice = (overrides: Partial<OathDevice> = {}): OathDevice => ({
  uuid: 'oath-0',
  realm: '/',
  userId: testUserId('demo'),
  username: 'demo',
  deviceName: 'OATH Device',
  issuer: 'Assent',
  secret: new Uint8Array(20),
  digits: 6,
  counter: 0,
  lastLoginSeconds: 0,
  clockDriftSeconds: 0,
  checksumDigit: false,
  truncationOffset: -1,
  createdAt: 0,
  lastAccessAt: 0,
  rev: 1,
  ...overrides,
});

/** Bound devices by user id; what cannot be stored is the test's to say. */
export class MemoryBoundDevices implements BoundDevices {
  devices: BoundDevice[];
  saving: Awaited<ReturnType<BoundDevices['save']>> = { status: 'stored' };
  /** Whether an answer was not taken before. */
  isNew = true;
  failing: { readonly method: string; readonly error: Error } | undefined;
  readonly saved: { device: BoundDevice; maxDevices: number; isFirst: boolean }[] = [];
  readonly uses: [uuid: string, once: unknown][] = [];
  readonly refusals: [userId: string | undefined, reason: string][] = [];

  constructor(...devices: BoundDevice[]) {
    this.devices = devices;
  }

  async ofUser(userId: string) {
    this.#mayFail('ofUser');
    return this.devices.filter((device) => device.userId === userId);
  }

  create({ identity, binding, ...given }: Parameters<BoundDevices['create']>[0]): BoundDevice {
    return {
      ...given,
      uuid: binding.kid,
      realm: '/',
      userId: identity.id,
      username: identity.username,
      key: binding.key,
      applicationId: binding.applicationId,
      createdAt: 0,
      lastAccessAt: 0,
      rev: 0,
    };
  }

  async save(_identity: Identity, device: BoundDevice, options: Parameters<BoundDevices['save']>[2]) {
    this.#mayFail('save');
    this.saved.push({ device, ...options });
    if (this.saving.status === 'stored') this.devices = [device, ...this.devices];
    return this.saving;
  }

  async used(device: BoundDevice, once?: unknown) {
    this.uses.push([device.uuid, once]);
    return this.isNew;
  }

  refused(userId: string | undefined, reason: string) {
    this.refusals.push([userId, reason]);
  }

  #mayFail(method: string): void {
    if (this.failing?.method === method) throw this.failing.error;
  }
}

export const testBoundDevice = (overrides: Partial<BoundDevice> = {}): BoundDevice => ({
  uuid: 'key-1',
  realm: '/',
  userId: testUserId('demo'),
  username: 'demo',
  deviceName: 'My phone',
  deviceId: 'installation-1',
  key: { kty: 'EC', crv: 'P-256', x: '', y: '', kid: 'key-1' },
  applicationId: 'com.example.app',
  authenticationType: 'NONE',
  attested: false,
  createdAt: 0,
  lastAccessAt: 0,
  rev: 1,
  ...overrides,
});

/** Whether any of these has something of a user. */
export const secondFactorsAmong = (
  ...kinds: readonly { ofUser(userId: string): Promise<readonly unknown[]> }[]
): SecondFactors => ({
  async any(userId) {
    for (const kind of kinds) if ((await kind.ofUser(userId)).length > 0) return true;
    return false;
  },
});

/** Skip settings with the rule that a device makes a factor NOT_SKIPPABLE. */
export const memorySkipSettings = (
  devices: { ofUser(userId: string): Promise<readonly unknown[]> },
  stored: SkipSetting = 'NOT_SET',
): SkipSettings & { readonly written: [string, string, SkipSetting][]; failing?: Error } => ({
  written: [],
  async read(identity) {
    return (await devices.ofUser(identity.id)).length > 0 ? 'NOT_SKIPPABLE' : stored;
  },
  async write(identity: Identity, method, setting) {
    if (this.failing !== undefined) throw this.failing;
    this.written.push([identity.username, method, setting]);
  },
});

/** Codes by user and type. */
export class MemoryCodes implements RecoveryCodes {
  readonly codes: Set<string>;
  failing: Error | undefined;
  used: string[] = [];

  constructor(...codes: string[]) {
    this.codes = new Set(codes);
  }

  async replace(userId: string, type: string) {
    if (this.failing !== undefined) throw this.failing;
    this.codes.clear();
    const fresh = Array.from({ length: 10 }, (_, at) => `${at}0ABCDEFGHJKMNPQ`);
    for (const code of fresh) this.codes.add(`${userId} ${type} ${code}`);
    return fresh;
  }

  async replaceBoth(userId: string) {
    const fresh = await this.replace(userId, 'push');
    for (const code of fresh) this.codes.add(`${userId} oath ${code}`);
    return fresh;
  }

  async use(owner: CodeOwner, type: string, code: string): Promise<CodeVerdict> {
    if (this.failing !== undefined) throw this.failing;
    const isGood = 'id' in owner && this.codes.delete(`${owner.id} ${type} ${code}`);
    if (isGood) this.used.push(code);
    return isGood ? 'good' : 'wrong';
  }

  async count() {
    return this.codes.size;
  }
}
