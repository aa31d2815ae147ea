import type { DeviceReader, PushDependencies } from '@assent/push';
import type { BoundDeviceReader } from './bound-device.ts';
import type { OathDeviceReader } from './oath-device.ts';
import type { PasskeyReader } from './passkey.ts';
import type { RecoveryCodeReader } from './recovery-codes.ts';

/** What second factors stand on; bound at the composition root. */
export interface FactorDependencies
  extends Pick<
    PushDependencies,
    'throttles' | 'isKnownSource' | 'identities' | 'configuration' | 'clock' | 'random' | 'publicUrl' | 'codePepper'
  > {
  readonly devices: DeviceReader & RecoveryCodeReader;
  readonly oathDevices: OathDeviceReader;
  readonly passkeys: PasskeyReader;
  readonly boundDevices: BoundDeviceReader;
  /** The key of another Assent whose codes were taken over, by its id; absent where none can have been. */
  readonly carriedCodeKey?: (keyId: string) => Promise<Uint8Array | undefined>;
}
