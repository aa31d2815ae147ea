import type { CallbackDefinition } from '../callbacks/callback.ts';

/** What a node can remark of its settings; the ids are stable, and stand among those of all findings (spec: webauthn §10.4). */
export const REMARKS = {
  'J-P3': 'Passkeys are made or used in a way that is weak, or that no client can follow',
  'J-P4': 'An authenticator is asked what it is, and the realm believes nobody about it',
  'J-P5': 'Browsers are to offer passkeys where no name is typed',
  'J-P6': 'No app may answer a node that asks one to sign',
} as const;
export type RemarkCode = keyof typeof REMARKS;

/** Settings of a service of the realm by its type; undefined where it has none. */
export type ServiceSettings = (type: string) => Readonly<Record<string, unknown>> | undefined;

/** Where a node stands, as far as it matters to what can be said of its settings. */
export interface NodePlace {
  /** The callbacks of what stands on the same page; nothing, for a node by itself. */
  readonly beside: readonly (readonly Pick<CallbackDefinition, 'type'>[] | 'anything')[];
  /** Absent where no realm is known. */
  readonly services?: ServiceSettings;
}

/** What is wrong with settings that a node can run with, for the author of the journey. */
export interface SettingsRemark {
  readonly code: RemarkCode;
  readonly severity: 'error' | 'warning' | 'info';
  /** Goes on behind the name of the node: "lists no app whose answers count, so that all of them fail". */
  readonly what: string;
  readonly fix: string;
}
