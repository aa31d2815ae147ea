import { type Identity, port } from '@assent/engine';
import type { OathDevice } from '../model/oath-device.ts';
import type { OathRefusal, OathRules } from './verify-one-time-password.ts';

/** What becomes of a typed password. */
export type OathCheck =
  /** The device as it now is. A stored one is saved with this unit of work; a pending one is the caller's to keep. */
  | { readonly status: 'accepted'; readonly device: OathDevice }
  | { readonly status: 'refused'; readonly refusal: OathRefusal }
  /** Too many wrong ones: nothing is good for a while (SEC-46). */
  | { readonly status: 'locked' }
  | { readonly status: 'noDevice' };

export interface NewOathDevice {
  readonly identity: Identity;
  readonly issuer: string;
  readonly secretBytes: number;
  readonly digits: 6 | 8;
  readonly checksumDigit: boolean;
  readonly truncationOffset: number;
}

/** Generators of one-time passwords, as nodes see them. Writes belong to the unit of work and are committed with it. */
export interface OathDevices {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly OathDevice[]>;
  /** A new one with a secret of its own, stored nowhere yet. */
  create(options: NewOathDevice): OathDevice;
  /**
   * Stores a new one and marks the user as one who must not skip (`oath2faEnabled` 2). `limit`: the user has as many as
   * the realm allows.
   */
  save(identity: Identity, device: OathDevice): Promise<{ readonly status: 'stored' | 'limit' }>;
  /**
   * Whether a password is good for any device of the user, or for the pending one alone; one guess at a time, wrong ones
   * are counted.
   */
  verify(options: {
    readonly identity: Identity;
    readonly password: string;
    readonly rules: OathRules;
    readonly pending?: OathDevice;
  }): Promise<OathCheck>;
  /**
   * A password for a name that nobody has, or whose user has no device: it costs and counts as one that is wrong does, and locks alike
   * (SEC-59).
   */
  verifyInVain(options: {
    readonly username: string;
    readonly identity: Identity | undefined;
    readonly password: string;
    readonly rules: OathRules;
  }): Promise<Exclude<OathCheck, { readonly status: 'accepted' | 'noDevice' }>>;
}

export const oathDevices = port<OathDevices>()('oathDevices', 'stages');
