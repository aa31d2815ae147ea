import { type FactorKind, type Identity, port } from '@assent/engine';

/** What a user can decide to go without. */
export const SKIP_TYPES = ['push', 'oath', 'webauthn'] as const satisfies readonly FactorKind[];
export type SkipType = (typeof SKIP_TYPES)[number];

/** The skip setting of a factor (spec: nodes-mfa §2.5). */
export type SkipSetting = 'NOT_SET' | 'SKIPPABLE' | 'NOT_SKIPPABLE';

export interface SkipSettings {
  /** A stored device makes it NOT_SKIPPABLE, whatever the attribute says (design.md decision 7). */
  read(identity: Identity, method: SkipType): Promise<SkipSetting>;
  write(identity: Identity, method: SkipType, setting: SkipSetting): Promise<void>;
}

export const skipSettings = port<SkipSettings>()('skipSettings', 'stages');
