import { type Binding, bindIdentities, type Submit } from '@assent/engine';
import type { DeviceReader, OathDevice, OathDeviceReader, PushDevice } from './devices.ts';
import { auditIn } from './push-audit.ts';
import type { PushDependencies } from './push-dependencies.ts';
import type { SkipSetting, SkipSettings } from './push-messages.ts';
import { skipAttribute } from './push-service.ts';

/** How the attribute spells it (spec: nodes-mfa §2.5). */
const SPELLING: Readonly<Record<SkipSetting, string>> = { NOT_SET: '0', SKIPPABLE: '1', NOT_SKIPPABLE: '2' };

/** A user's phones, newest first, read once per submit. */
export const devicesOfUser = (
  devices: Pick<DeviceReader, 'ofUser'>,
  submit: Submit,
  userId: string,
): Promise<readonly PushDevice[]> => submit.remember(`devices:push:${userId}`, () => devices.ofUser(userId));

/** A user's generators of one-time passwords, newest first, read once per submit. */
export const oathDevicesOfUser = (
  devices: Pick<OathDeviceReader, 'ofUser'>,
  submit: Submit,
  userId: string,
): Promise<readonly OathDevice[]> => submit.remember(`devices:oath:${userId}`, () => devices.ofUser(userId));

/** Who may skip a factor, as the nodes of one submit see it. */
export const bindSkipSettings = ({
  devices,
  oathDevices,
  identities,
  configuration,
  clock,
}: Pick<
  PushDependencies,
  'devices' | 'oathDevices' | 'identities' | 'configuration' | 'clock'
>): Binding<SkipSettings> => {
  const identitiesOf = bindIdentities(identities);
  return (submit) => {
    const users = identitiesOf(submit);
    const attributeOf = (method: 'push' | 'oath') => skipAttribute(configuration, submit.realm.realm, method);
    return {
      async read(identity, method) {
        const stored =
          method === 'push'
            ? await devicesOfUser(devices, submit, identity.id)
            : await oathDevicesOfUser(oathDevices, submit, identity.id);
        if (stored.length > 0) return 'NOT_SKIPPABLE';
        const now = (await users.find(identity.username)) ?? identity;
        return settingOf(now.attributes[attributeOf(method)]?.[0]);
      },
      async write(identity, method, setting) {
        await users.update(identity.username, attributeOf(method), () => [SPELLING[setting]]);
        if (setting !== 'SKIPPABLE') return;
        submit.enlist(auditIn(submit, clock.now(), 'OPTOUT_SET', { userId: identity.id, outcome: method }));
      },
    };
  };
};

const settingOf = (value: string | undefined): SkipSetting => {
  const number = Number.parseInt(value ?? '', 10);
  return number === 1 ? 'SKIPPABLE' : number === 2 ? 'NOT_SKIPPABLE' : 'NOT_SET';
};
