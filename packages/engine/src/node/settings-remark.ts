/** What a node can remark of its settings; the ids are stable, and stand among those of all findings (spec: webauthn §10.4). */
export const REMARKS = {
  'J-P3': 'Passkeys are made or used in a way that is weak, or that no client can follow',
  'J-P6': 'No app may answer a node that asks one to sign',
} as const;
export type RemarkCode = keyof typeof REMARKS;

/** What is wrong with settings that a node can run with, for the author of the journey. */
export interface SettingsRemark {
  readonly code: RemarkCode;
  readonly severity: 'error' | 'warning' | 'info';
  /** Goes on behind the name of the node: "lists no app whose answers count, so that all of them fail". */
  readonly what: string;
  readonly fix: string;
}
