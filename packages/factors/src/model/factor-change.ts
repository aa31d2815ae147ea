import type { BoundDeviceChange } from './bound-device.ts';
import type { OathDeviceChange } from './oath-device.ts';
import type { PasskeyChange } from './passkey.ts';
import type { RecoveryCodeChange } from './recovery-codes.ts';

/** What is committed about second factors that are not phones, and about recovery codes. */
export type FactorChange = PasskeyChange | BoundDeviceChange | OathDeviceChange | RecoveryCodeChange;
