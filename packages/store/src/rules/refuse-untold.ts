import type { Change } from '@assent/engine/host';

/** Throws for a commit that changes the configuration and has no row of the audit trail: nobody could tell who it was (SEC-80, F23). */
export const refuseUntold = (changes: readonly Change[]): void => {
  if (!changes.some(({ type }) => type === 'configuration.change')) return;
  if (changes.some(({ type }) => type === 'audit.append')) return;
  throw new TypeError('a commit that changes the configuration has to have a row of the audit trail that tells of it');
};
