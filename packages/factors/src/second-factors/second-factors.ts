import { port } from '@assent/engine';

/** What somebody can show beside a password, of whatever kind. */
export interface SecondFactors {
  /** Whether the user has one: then only another factor adds one more (design.md §3 decision 16; spec: webauthn §10.1). */
  any(userId: string): Promise<boolean>;
}

export const secondFactors = port<SecondFactors>()('secondFactors', 'stages');
