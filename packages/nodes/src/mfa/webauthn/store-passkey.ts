import type { Identity, JourneyContext, ValueOf } from '@assent/engine';
import type { Passkeys, RecoveryCodes, SecondFactors } from '@assent/factors';
import type { PendingPasskey } from '../../handovers.ts';
import * as key from '../../state-keys.ts';
import { FACTOR, hasUsedFactor } from '../registration/factor-names.ts';

export const storePasskeyErrors = { notSaved: 'The passkey was not saved: {{reason}}.' } as const;

/** One visit of a node that stores a passkey which was made in this journey. */
interface PasskeyVisit {
  readonly ports: {
    readonly passkeys: Passkeys;
    readonly recoveryCodes: RecoveryCodes;
    readonly secondFactors: SecondFactors;
  };
  readonly config: { readonly maxSavedDevices: number; readonly generateRecoveryCodes: boolean };
  readonly journey: Pick<JourneyContext, 'nodeTypesOf' | 'addNodeType' | 'explainFailure'>;
  readonly state: {
    set<K extends typeof key.recoveryCodes | typeof key.recoveryCodeDeviceName>(key: K, value: ValueOf<K>): void;
  };
  report(id: keyof typeof storePasskeyErrors, values: Readonly<Record<string, string>>): void;
}

/**
 * Stores a passkey, with recovery codes where they are wanted and there are none. A user who has any second factor adds one after another
 * alone, also where that one came meanwhile (WA-18). One that the browser has made by itself is no factor of this journey (WA-30).
 */
export const storePasskey = async (
  { ports, config, journey, state, report }: PasskeyVisit,
  user: Identity,
  { isUnasked = false, ...passkey }: PendingPasskey,
): Promise<'success' | 'failure' | 'exceedDeviceLimit'> => {
  const refuse = (reason: string) => {
    report('notSaved', { reason });
    return 'failure' as const;
  };
  const isFirst = !(await ports.secondFactors.any(user.id));
  if (!isFirst && !hasUsedFactor(journey.nodeTypesOf(user))) return refuse('the user has a device by now');
  const saved = await ports.passkeys.save(user, passkey, { maxDevices: config.maxSavedDevices, isFirst });
  if (saved === 'limit') journey.explainFailure(user, 'device-limit');
  if (saved === 'limit' && config.maxSavedDevices > 0) return 'exceedDeviceLimit';
  if (saved !== 'stored') return refuse(saved);
  if (isUnasked) return 'success';
  if (config.generateRecoveryCodes && (await lacksCodes(ports, user.id, passkey.uuid))) {
    state.set(key.recoveryCodes, [...(await ports.recoveryCodes.replace(user.id, 'webauthn'))]);
    state.set(key.recoveryCodeDeviceName, passkey.deviceName);
  }
  journey.addNodeType(user, FACTOR.passkey, { kind: 'webauthn', uuid: passkey.uuid });
  return 'success';
};

/** Whoever adds another passkey keeps the codes that are written down somewhere. */
const lacksCodes = async ({ passkeys, recoveryCodes }: PasskeyVisit['ports'], userId: string, uuid: string) => {
  const others = (await passkeys.ofUser(userId)).filter((passkey) => passkey.uuid !== uuid);
  return others.length === 0 || (await recoveryCodes.count(userId, 'webauthn')) === 0;
};
