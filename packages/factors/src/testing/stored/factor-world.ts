import { type PushWorldOptions, pushWorld } from '@assent/push/testing/stored';
import { boundDevicesAdapter } from '../../binding/bound-devices-adapter.ts';
import { oathDevicesAdapter } from '../../oath/oath-devices-adapter.ts';
import { authenticatorTrusts, type TrustFiles } from '../../passkeys/metadata/authenticator-trust.ts';
import { passkeysAdapter } from '../../passkeys/passkeys-adapter.ts';
import { WEBAUTHN_METADATA_SERVICE } from '../../passkeys/trust/metadata-service.ts';
import { recoveryCodesAdapter } from '../../recovery-codes/recovery-codes-adapter.ts';
import { secondFactorsAdapter } from '../../second-factors/second-factors-adapter.ts';
import { skipSettingsAdapter } from '../../second-factors/skip-settings-adapter.ts';
import { sharedPasskeyLibrary } from '../authenticator/index.ts';

export interface FactorWorldOptions extends Omit<PushWorldOptions, 'settingsOf'> {
  /** What the operator of the server has named. */
  readonly files?: Partial<TrustFiles>;
}

/** All second factors over a store, push among them, with a user and phones that a test adds. */
export function factorWorld({ files = {}, ...options }: FactorWorldOptions = {}) {
  /** By realm, the settings of the service that says which authenticators it trusts. */
  const trustOfRealms = new Map<string, Readonly<Record<string, unknown>>>();
  const world = pushWorld({
    ...options,
    settingsOf: (realm, type) => (type === WEBAUTHN_METADATA_SERVICE ? trustOfRealms.get(realm) : undefined),
  });
  const { reader } = world.ports;
  const readers = {
    oathDevices: reader('oathDevices'),
    passkeys: reader('passkeys'),
    boundDevices: reader('boundDevices'),
    authenticatorMetadata: reader('authenticatorMetadata'),
  };
  const ports = Object.assign(world.ports, readers);
  const dependencies = { ...world.dependencies, ...readers };
  const passkeyLibrary = sharedPasskeyLibrary();
  const trusts = authenticatorTrusts({
    configuration: dependencies.configuration,
    rows: readers.authenticatorMetadata,
    committer: dependencies.committer,
    files: { metadata: [], revocationLists: [], ...files },
    requests: { of: () => ({ send: () => Promise.reject(new Error('Tests call no address.')) }) },
    library: passkeyLibrary,
    clock: dependencies.clock,
    timer: () => () => undefined,
    log: world.log,
  });
  const bind = {
    ...world.bind,
    oathDevices: oathDevicesAdapter(dependencies),
    boundDevices: boundDevicesAdapter(dependencies),
    secondFactors: secondFactorsAdapter(dependencies),
    skip: skipSettingsAdapter(dependencies),
    codes: recoveryCodesAdapter(dependencies),
    passkeys: passkeysAdapter({ ...dependencies, passkeyLibrary, authenticatorTrusts: trusts }),
  };
  return { ...world, ports, dependencies, bind, trustOfRealms };
}
