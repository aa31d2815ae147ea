import type { Identities, Identity } from '@assent/engine';
import { type Adapter, auditIn, identitiesAdapter, type UnitOfWork } from '@assent/engine/host';
import { pushSkipAttribute } from '../delivery/push-service.ts';
import { DEFAULT_DEVICE_NAME, type DeviceChange, type PushDevice } from '../model/devices.ts';
import { CONSUMABLE_AFTER_MILLIS } from '../model/message-status.ts';
import type { MessageChange, MessageSummary } from '../model/messages.ts';
import type { PushDevices } from '../model/push-messages.ts';
import { cleanText, cutText } from '../protocol/index.ts';
import type { PushDependencies } from '../requests/push-dependencies.ts';
import { readRegistration, readRequest, stagedMessagesOf } from '../requests/staged-messages.ts';
import { pushDevicesOfUser, stagedPushDevicesOf } from './staged-devices.ts';

const MAX_NAME_LENGTH = 64;
const NOT_SKIPPABLE = '2';

/** Registered phones as the nodes of one unit of work see them. */
export const pushDevicesAdapter = (dependencies: PushDependencies): Adapter<PushDevices> => {
  const identitiesOf = identitiesAdapter(dependencies.identities, dependencies.clock);
  return (unit) => new StagedPushDevices(dependencies, unit, identitiesOf);
};

class StagedPushDevices implements PushDevices {
  readonly #with: PushDependencies;
  readonly #unit: UnitOfWork;
  readonly #identitiesOf: Adapter<Identities>;

  constructor(dependencies: PushDependencies, unit: UnitOfWork, identitiesOf: Adapter<Identities>) {
    this.#with = dependencies;
    this.#unit = unit;
    this.#identitiesOf = identitiesOf;
  }

  ofUser(userId: string): Promise<readonly PushDevice[]> {
    return pushDevicesOfUser(this.#with.devices, this.#unit, userId);
  }

  async register({ identity, messageId, issuer, claims, proveBy }: Parameters<PushDevices['register']>[0]) {
    const row = await readRegistration(this.#with, this.#unit, messageId);
    if (row?.secret === undefined || row.state !== 'approved' || row.userId !== identity.id) {
      return { status: 'invalid' } as const;
    }
    const { deviceId, deviceType, communicationType, communicationId, mechanismUid, xKey } = claims;
    if ([deviceId, deviceType, communicationType, communicationId, mechanismUid].some((it) => it.trim() === '')) {
      return { status: 'invalid' } as const;
    }
    stagedMessagesOf(this.#unit).end(messageId, 'consumed');
    const replaced = await this.#replacedBy(identity.id, mechanismUid);
    const { maxDevices } = this.#unit.realm;
    const now = this.#with.clock.now();
    if ((await this.#countOfUser(identity.id, now)) - replaced.length >= maxDevices) {
      this.#stage({ type: 'push.close', request: messageId, reason: 'limit' });
      return { status: 'limit' } as const;
    }
    const device: PushDevice = {
      uuid: row.deviceUuid,
      realm: row.realm,
      userId: row.userId,
      username: row.username,
      deviceName: cutText(cleanText(claims.deviceName ?? ''), MAX_NAME_LENGTH).trim() || DEFAULT_DEVICE_NAME,
      issuer,
      secret: row.secret,
      mechanismUid,
      deviceId,
      deviceType,
      communicationType,
      communicationId,
      ...(xKey !== undefined && { xKey }),
      createdAt: now,
      lastAccessAt: now,
      refreshHashes: [],
      ...(proveBy !== undefined && {
        pending: { journeyId: this.#unit.journeyId, until: proveBy + CONSUMABLE_AFTER_MILLIS },
      }),
      rev: 0,
    };
    // First in, then out: recovery codes go with a user's last device.
    this.#stage({ type: 'device.insert', row: device, maxDevices: maxDevices + replaced.length });
    this.#own.write({ row: device });
    this.#added.add(device.uuid);
    this.#stage({ type: 'push.consume', request: messageId, state: 'approved', at: now });
    if (proveBy === undefined) await this.#count(identity, device, now);
    return { status: 'stored', device } as const;
  }

  async confirm({ identity, messageId }: Parameters<PushDevices['confirm']>[0]) {
    const [row] = await readRequest(this.#with, this.#unit, messageId);
    const device = row?.state === 'approved' ? await this.#device(row.deviceUuid) : undefined;
    const { journeyId } = this.#unit;
    const at = this.#with.clock.now();
    if (
      device?.pending === undefined ||
      device.pending.journeyId !== journeyId ||
      device.pending.until <= at ||
      device.userId !== identity.id
    ) {
      return { status: 'invalid' } as const;
    }
    this.#stage({ type: 'device.confirm', uuid: device.uuid, journeyId, at });
    const { pending: _, ...confirmed } = device;
    this.#own.write({ row: confirmed });
    const detail = { device: device.uuid };
    this.#unit.stage(auditIn(this.#unit, at, 'REG_PROVEN', { userId: identity.id, detail }));
    await this.#count(identity, confirmed, at);
    return { status: 'stored', device: confirmed } as const;
  }

  discard(): void {
    const { journeyId } = this.#unit;
    this.#stage({ type: 'device.discard', journeyId });
    for (const uuid of this.#added) if (this.#own.get(uuid)?.pending !== undefined) this.#remove(uuid);
  }

  accessed(uuid: string): void {
    const at = this.#with.clock.now();
    this.#stage({ type: 'device.accessed', uuid, at });
    this.#own.access(uuid, at);
  }

  async answeredBy(messageId: string) {
    let last: MessageSummary | undefined;
    for (const row of await readRequest(this.#with, this.#unit, messageId)) {
      if (row.answeredAt === undefined || row.kind !== 'AUTHENTICATE') continue;
      if (row.answeredAt > (last?.answeredAt ?? Number.NEGATIVE_INFINITY)) last = row;
    }
    return last && { uuid: last.deviceUuid, userId: last.userId };
  }

  /** One credential of one phone is one device: a new registration of it takes the place of the old one (SEC-12). */
  async #replacedBy(userId: string, mechanismUid: string): Promise<readonly PushDevice[]> {
    return (await this.ofUser(userId)).filter((device) => device.mechanismUid === mechanismUid);
  }

  /** What goes with a phone that counts from now on. */
  async #count(identity: Identity, { uuid, realm, mechanismUid, communicationType, xKey }: PushDevice, at: number) {
    for (const replaced of await this.#replacedBy(identity.id, mechanismUid)) {
      if (replaced.uuid === uuid) continue;
      this.#stage({ type: 'device.delete', uuid: replaced.uuid });
      this.#remove(replaced.uuid);
    }
    // Also where it is set already: a skip that is written at the same time must meet another revision (A107).
    const attribute = pushSkipAttribute(this.#with.configuration, realm);
    await this.#identitiesOf(this.#unit).update(identity.username, attribute, () => [NOT_SKIPPABLE]);
    const detail = { device: uuid, type: communicationType, ownKey: xKey !== undefined };
    this.#unit.stage(auditIn(this.#unit, at, 'DEVICE_ADD', { userId: identity.id, detail }));
  }

  /** Also one that this unit of work has written. */
  async #device(uuid: string): Promise<PushDevice | undefined> {
    return this.#own.get(uuid) ?? (await this.#with.devices.get(uuid));
  }

  async #countOfUser(userId: string, now: number): Promise<number> {
    const added = [...this.#added].filter((uuid) => this.#own.get(uuid)?.userId === userId);
    return (await this.#with.devices.countOfUser(userId, now)) + added.length;
  }

  #remove(uuid: string): void {
    this.#own.remove(uuid);
    this.#added.delete(uuid);
    stagedMessagesOf(this.#unit).voidDevice(uuid);
  }

  get #own() {
    return stagedPushDevicesOf(this.#unit);
  }

  /** Phones that are not stored yet. */
  get #added(): Set<string> {
    return this.#unit.keep('devices:push:added', () => new Set<string>());
  }

  #stage(change: DeviceChange | MessageChange): void {
    this.#unit.stage(change);
  }
}
