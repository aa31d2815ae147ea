import { REMARKS } from '../node/settings-remark.ts';

/**
 * `error`: whoever gets there is stuck, or signs in nobody. `warning`: it works, less safely or less tidily than it looks. `info`: it is as
 * it should be, and has a side that its author should know.
 */
export type FindingSeverity = 'error' | 'warning' | 'info';

/** What a check of a tree can find; the ids are stable (spec: ux §4.3, SEC-36). */
export const FINDINGS = {
  J01: 'An outcome is not connected',
  J02: 'A node cannot be reached',
  J03: 'A node needs a value that is not supplied',
  J04: 'A loop sends without limit',
  J05: 'A loop asks nobody',
  J06: 'Success is reached without a second factor',
  J13: 'A node type, journey or script is missing, or does not run here as in AM',
  J17: 'A connection belongs to an outcome that the settings do not give',
  J18: 'A connection leads to a node that does not exist',
  J19: 'The journey does not start at a node',
  J20: 'The settings of a node cannot be used',
  J21: 'Users are looked up by an attribute that has no index',
  J22: 'A path to Success does not prove the class of sign-in',
  J23: 'Success is reached past a factor that the user may have',
  J24: 'A path to Success does not reach the authentication level',
  J25: 'A journey is too large to be checked',
  'J-P1': 'Success is reached round the factor that resists phishing',
  'J-P2': 'A passkey that only asks for a touch signs in alone',
  ...REMARKS,
} as const;
export type FindingCode = keyof typeof FINDINGS;

/** One thing that is wrong with a tree, for the author. */
export interface TreeFinding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  readonly tree: string;
  /** Absent for a finding about the tree as a whole, as the three that follow. */
  readonly nodeId?: string;
  readonly nodeType?: string;
  readonly displayName?: string;
  readonly outcome?: string;
  readonly message: string;
  readonly fix: string;
}

/** What a rule finds in the tree that it was given. */
export type RuleFinding = Omit<TreeFinding, 'tree' | 'nodeId' | 'nodeType' | 'displayName'> & {
  readonly node?: { readonly id: string; readonly type: string; readonly displayName: string };
};
