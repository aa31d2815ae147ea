import { createHash } from 'node:crypto';
import {
  type Adapter,
  auditIn,
  type EngineChange,
  identitiesAdapter,
  SOURCE_POLICY,
  sourceOf,
  sourceSubject,
} from '@assent/engine/host';
import { cleanText, cutText } from '@assent/push/protocol';
import type { BoundDeviceChange } from '../model/bound-device.ts';
import { skipAttribute } from '../model/device-services.ts';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import type { BoundDevices } from './bound-devices.ts';
import { boundDevicesOfUser, stagedBoundDevicesOf } from './staged-bound-devices.ts';

/** AM's, for an app that gives no name. */
const DEFAULT_BOUND_DEVICE_NAME = 'Device Name';
const MAX_NAME_LENGTH = 64;

/** An answer that must not be taken twice. The store keeps it among those of applications, until it would be over anyway. */
type SeenOnce =
  | { readonly type: 'replay.room'; readonly owner: string; readonly now: number }
  | {
      readonly type: 'replay.see';
      readonly hash: string;
      readonly owner: string;
      readonly expiresAt: number;
      readonly now: number;
    };

export interface BoundDeviceDependencies
  extends Pick<FactorDependencies, 'boundDevices' | 'identities' | 'configuration' | 'clock'> {
  /** Whether something was seen that must not be seen twice, by its hash. */
  readonly replays: { has(hash: string): Promise<boolean> };
}

const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Bound devices as the nodes of one unit of work see them. */
export const boundDevicesAdapter = ({
  boundDevices: reader,
  replays,
  identities,
  configuration,
  clock,
}: BoundDeviceDependencies): Adapter<BoundDevices> => {
  const identitiesOf = identitiesAdapter(identities, clock);

  return (unit) => {
    const { realm } = unit.realm;
    const own = stagedBoundDevicesOf(unit);
    const stage = (change: BoundDeviceChange) => unit.stage(change);
    const ofUser = (userId: string) => boundDevicesOfUser(reader, unit, userId);
    const audit = (event: string, userId: string | undefined, outcome?: string, device?: string): EngineChange =>
      auditIn(unit, clock.now(), event, {
        ...(userId !== undefined && { userId }),
        ...(outcome !== undefined && { outcome }),
        ...(device !== undefined && { detail: { device, type: 'binding' } }),
      });

    return {
      ofUser,

      create({ identity, binding: { kid, key, applicationId }, deviceName, ...given }) {
        const now = clock.now();
        return {
          uuid: kid,
          realm,
          userId: identity.id,
          username: identity.username,
          deviceName: cutText(cleanText(deviceName), MAX_NAME_LENGTH).trim() || DEFAULT_BOUND_DEVICE_NAME,
          deviceId: cleanText(given.deviceId),
          key,
          applicationId,
          authenticationType: given.authenticationType,
          attested: given.attested,
          createdAt: now,
          lastAccessAt: now,
          rev: 0,
        };
      },

      async save(identity, device, { maxDevices: wanted, isFirst }) {
        const mostOfRealm = unit.realm.maxDevices;
        const most = wanted > 0 ? Math.min(wanted, mostOfRealm) : mostOfRealm;
        if ((await ofUser(identity.id)).length >= most) return { status: 'limit' };
        if (own.get(device.uuid) !== undefined || (await reader.get(realm, device.uuid)) !== undefined)
          return { status: 'taken' };
        const change = { type: 'bound.insert', row: device, maxDevices: most } as const;
        own.write(change);
        stage(change);
        if (isFirst) {
          // Nothing is changed but the revision of the user, as a phone or a generator does that is stored at the same time: of two that would
          // each have been the first, one gets in, and the other meets a user who has a factor to show.
          const attribute = skipAttribute(configuration, realm, 'push');
          await identitiesOf(unit).update(identity.username, attribute, (values) => values);
        }
        unit.stage(audit('DEVICE_ADD', identity.id, undefined, device.uuid));
        return { status: 'stored' };
      },

      async used(device, once) {
        const at = clock.now();
        if (once !== undefined) {
          const hash = digestOf('signed by a bound device', realm, device.uuid, once.answer);
          if (await replays.has(hash)) return false;
          const owner = digestOf('bound device', realm, device.uuid);
          unit.stage({ type: 'replay.room', owner, now: at } satisfies SeenOnce);
          unit.stage({ type: 'replay.see', hash, owner, expiresAt: once.until, now: at } satisfies SeenOnce);
        }
        stage({ type: 'bound.accessed', realm, uuid: device.uuid, at });
        own.access(device.uuid, at);
        unit.stage(audit('BINDING_OK', device.userId, undefined, device.uuid));
        return true;
      },

      refused(userId, reason) {
        const subject = sourceSubject(sourceOf(unit.request.clientAddress));
        const at = clock.now();
        unit.stageAlways({ type: 'throttle.hit', subject, policy: SOURCE_POLICY, at } satisfies EngineChange);
        unit.stageAlways(audit('BINDING_FAIL', userId, reason));
      },
    };
  };
};
