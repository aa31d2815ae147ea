import type { Identities, Identity } from '@assent/engine';
import { type Adapter, auditIn, identitiesAdapter, type UnitOfWork } from '@assent/engine/host';
import { pushDevicesOfUser } from '@assent/push';
import { skipAttribute } from '../model/device-services.ts';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import type { SkipSetting, SkipSettings, SkipType } from '../model/skip-settings.ts';
import { oathDevicesOfUser } from '../oath/staged-oath-devices.ts';
import { passkeysOfUser } from '../passkeys/staged-passkeys.ts';

/** How the attribute spells it (spec: nodes-mfa §2.5). */
const SPELLING: Readonly<Record<SkipSetting, string>> = { NOT_SET: '0', SKIPPABLE: '1', NOT_SKIPPABLE: '2' };

type SkipDependencies = Pick<
  FactorDependencies,
  'devices' | 'oathDevices' | 'passkeys' | 'identities' | 'configuration' | 'clock'
>;

/** Who may skip a factor, as the nodes of one unit of work see it. */
export const skipSettingsAdapter = (dependencies: SkipDependencies): Adapter<SkipSettings> => {
  const identitiesOf = identitiesAdapter(dependencies.identities, dependencies.clock);
  return (unit) => new StagedSkipSettings(dependencies, unit, identitiesOf);
};

class StagedSkipSettings implements SkipSettings {
  readonly #with: SkipDependencies;
  readonly #unit: UnitOfWork;
  readonly #identitiesOf: Adapter<Identities>;

  constructor(dependencies: SkipDependencies, unit: UnitOfWork, identitiesOf: Adapter<Identities>) {
    this.#with = dependencies;
    this.#unit = unit;
    this.#identitiesOf = identitiesOf;
  }

  async read(identity: Identity, method: SkipType): Promise<SkipSetting> {
    const { devices, oathDevices, passkeys } = this.#with;
    const stored = await {
      push: () => pushDevicesOfUser(devices, this.#unit, identity.id),
      oath: () => oathDevicesOfUser(oathDevices, this.#unit, identity.id),
      webauthn: () => passkeysOfUser(passkeys, this.#unit, identity.id),
    }[method]();
    if (stored.length > 0) return 'NOT_SKIPPABLE';
    const now = (await this.#identitiesOf(this.#unit).find(identity.username)) ?? identity;
    return settingOf(now.attributes[this.#attributeOf(method)]?.[0]);
  }

  async write(identity: Identity, method: SkipType, setting: SkipSetting): Promise<void> {
    const users = this.#identitiesOf(this.#unit);
    await users.update(identity.username, this.#attributeOf(method), () => [SPELLING[setting]]);
    if (setting !== 'SKIPPABLE') return;
    const facts = { userId: identity.id, outcome: method };
    this.#unit.stage(auditIn(this.#unit, this.#with.clock.now(), 'OPTOUT_SET', facts));
  }

  #attributeOf(method: SkipType): string {
    return skipAttribute(this.#with.configuration, this.#unit.realm.realm, method);
  }
}

const settingOf = (value: string | undefined): SkipSetting => {
  const number = Number.parseInt(value ?? '', 10);
  return number === 1 ? 'SKIPPABLE' : number === 2 ? 'NOT_SKIPPABLE' : 'NOT_SET';
};
