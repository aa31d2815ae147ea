/** What a data key is for. One key for each, so that a leaked one opens one kind of record. */
export const PURPOSES = ['journey', 'device', 'message', 'secret', 'oidc-signing', 'outbox'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface DataKey {
  readonly id: number;
  readonly purpose: Purpose;
  readonly bytes: Uint8Array;
  /** One that is not in use only opens; absent for those from before data keys were replaced. */
  readonly status?: 'next' | 'active' | 'retiring' | 'retired';
}
