import type { Action, Identity, JourneyContext, ValueOf } from '@assent/engine';
import type { OathDevice, OathDevices, RecoveryCodes, SecondFactors } from '@assent/factors';
import { type PendingOathDevice, pendingGenerator } from '../../handovers.ts';
import * as key from '../../state-keys.ts';
import { onStoreFailure } from '../../store-failure.ts';
import { FACTOR } from '../registration/factor-names.ts';
import { fromPending } from './oath-settings.ts';

/** What state says of a generator from its code on the screen until it is stored (spec: nodes-mfa §5.1, §5.3). */
export const pendingGeneratorKeys = [key.oathDeviceProfile, key.oathEnableRecoveryCode] as const;

export const storeGeneratorErrors = {
  noDeviceProfile: 'No device profile found on shared state',
  notStored: 'Unable to store device profile',
  notSaved: 'Failed to save device to user profile',
  noCodes: 'Failed to generate recovery codes',
} as const;

interface GeneratorState {
  remove(key: (typeof pendingGeneratorKeys)[number]): void;
}

/** The generator that waits for the user to be stored. A second visit finds nothing: it would store an older state of a device that is in use. */
export const takeGenerator = (
  { state, journey }: { readonly state: GeneratorState; readonly journey: Pick<JourneyContext, 'takeOver'> },
  identity: Identity,
): PendingOathDevice | undefined => {
  for (const used of pendingGeneratorKeys) state.remove(used);
  return journey.takeOver(pendingGenerator, identity);
};

interface Ports {
  readonly oathDevices: OathDevices;
  readonly recoveryCodes: RecoveryCodes;
  readonly secondFactors: SecondFactors;
}

/** New codes for the generator that was just stored; a user who had one keeps the codes that are written down somewhere. */
const oathCodesFor = async (ports: Ports, userId: string, uuid: string): Promise<readonly string[]> => {
  const others = (await ports.oathDevices.ofUser(userId)).filter((device) => device.uuid !== uuid);
  if (others.length > 0 && (await ports.recoveryCodes.count(userId, 'oath')) > 0) return [];
  return ports.recoveryCodes.replace(userId, 'oath');
};

/** Stores a generator that was shown, unless the user got a device meanwhile that would have had to agree. */
export const storeOathDevice = async (
  ports: Ports,
  identity: Identity,
  device: OathDevice,
  isAuthorized: boolean,
): Promise<'stored' | 'limit' | 'the user has a device by now'> => {
  if (!isAuthorized && (await ports.secondFactors.any(identity.id))) return 'the user has a device by now';
  return (await ports.oathDevices.save(identity, device)).status;
};

/** One visit of a node that stores a generator which a step before it showed. */
export interface GeneratorVisit {
  readonly identity: Identity;
  readonly ports: Ports;
  readonly journey: Pick<JourneyContext, 'addNodeType' | 'explainFailure'>;
  readonly state: {
    set<K extends typeof key.recoveryCodes | typeof key.recoveryCodeDeviceName>(key: K, value: ValueOf<K>): void;
  };
  fail(id: 'notStored' | 'noCodes', values: Readonly<Record<string, string>>, cause: unknown): never;
  report(id: 'notSaved', values: Readonly<Record<string, string>>, cause: unknown): void;
  goTo(outcome: 'successOutcome' | 'failureOutcome'): Action<'successOutcome' | 'failureOutcome'>;
}

/** Stores the generator that was waiting for it, and leaves its recovery codes to be shown. */
export const storePendingGenerator = async (
  { identity, ports, journey, state, fail, report, goTo }: GeneratorVisit,
  pending: PendingOathDevice,
  { recoveryCodes: wantsCodes }: { readonly recoveryCodes: boolean },
): Promise<Action<'successOutcome' | 'failureOutcome'>> => {
  const stored = await onStoreFailure(
    () => storeOathDevice(ports, identity, fromPending(pending), pending.isAuthorized),
    (cause) => fail('notStored', {}, cause),
  );
  if (stored !== 'stored') {
    report('notSaved', {}, stored);
    if (stored === 'limit') journey.explainFailure(identity, 'device-limit');
    return goTo('failureOutcome');
  }
  // Only now: what was not stored is no factor of anybody.
  if (pending.isShown) journey.addNodeType(identity, FACTOR.oath, { kind: 'oath', uuid: pending.uuid });
  const codes = wantsCodes
    ? await onStoreFailure(
        () => oathCodesFor(ports, identity.id, pending.uuid),
        (cause) => fail('noCodes', {}, cause),
      )
    : [];
  if (codes.length > 0) {
    state.set(key.recoveryCodes, [...codes]);
    state.set(key.recoveryCodeDeviceName, pending.deviceName);
  }
  return goTo('successOutcome');
};
