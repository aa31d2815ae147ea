import { type Identity, port } from '@assent/engine';
import type { BoundDevice } from '../model/bound-device.ts';
import type { VerifiedBinding } from './verify-binding.ts';

/** A device that is bound to a user once it is stored. */
export interface NewBoundDevice {
  readonly identity: Identity;
  readonly binding: VerifiedBinding;
  /** What the client calls itself; whatever it is, what is kept of it is a short line. */
  readonly deviceName: string;
  /** One for all keys of an installation. */
  readonly deviceId: string;
  /** How the app was told to ask its user before it signs. */
  readonly authenticationType: string;
  readonly attested: boolean;
}

/** Phones whose apps have keys of their own, as nodes see them. Writes belong to the unit of work and are committed with it. */
export interface BoundDevices {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly BoundDevice[]>;
  /** A new one, stored nowhere yet. */
  create(device: NewBoundDevice): BoundDevice;
  /**
   * Stores a new one. `limit`: the user has as many as the node or the realm allows; `taken`: somebody in the realm has a key of that name
   * (WA-44). With `isFirst` it was looked at that the user has no second factor yet, and the commit fails where that has changed (§10.1).
   */
  save(
    identity: Identity,
    device: BoundDevice,
    options: {
      /** 0 for as many as the realm allows. */
      readonly maxDevices: number;
      readonly isFirst: boolean;
    },
  ): Promise<{ readonly status: 'stored' | 'limit' | 'taken' }>;
  /**
   * A device has signed: notes its use. Where the text that was signed may be signed again, `once` says until when (milliseconds) this very
   * answer must not be taken twice; the answer is false where it was. The commit fails where the device is gone by then (WA-32).
   */
  used(device: BoundDevice, once?: { readonly answer: string; readonly until: number }): Promise<boolean>;
  /** A device, or what says that it is one, has signed something wrong: it counts against the place that it comes from, whatever becomes of the journey. */
  refused(userId: string | undefined, reason: string): void;
}

export const boundDevices = port<BoundDevices>()('boundDevices', 'stages');
