import type { RealmSettings, ScriptDocument, ServiceSettings } from '@assent/engine';
import {
  type CheckedTree,
  type ConfigurationSnapshot,
  journeyFindings,
  scriptCaveat,
  scriptObstacle,
  type TreeFinding,
  type TreeReading,
  type TreeStrength,
  treeStrengths,
} from '@assent/engine/host';
import { isUsernameAttribute } from '@assent/nodes';
import { PROVIDER_TYPE } from '@assent/wire';
import { mappedClasses, treeOfAcrIn } from '../clients/acr-classes.ts';
import type { Logger } from '../platform/log.ts';
import { withLaterSettings } from '../realms/realm-defaults.ts';
import { reasonToAccept } from './accepted-findings.ts';
import { levelJourneys } from './level-journeys.ts';

/** A finding in a realm, with the reason where the shipped journey accepts it. */
export type RealmFinding = TreeFinding & { readonly accepted?: string };

/** What a check of trees has to know of a realm. */
export interface RealmUnderCheck {
  readonly realm: Pick<RealmSettings, 'realm' | 'treeFindings'> & Partial<Pick<RealmSettings, 'authLevelJourneys'>>;
  /** All trees of the realm. */
  readonly trees: readonly CheckedTree[];
  readonly hasScript: (id: string) => boolean;
  readonly scriptObstacle: (id: string) => string | undefined;
  readonly scriptCaveat: (id: string) => string | undefined;
  /** Absent for trees that are of no realm yet. */
  readonly isIndexed?: (attribute: string) => boolean;
  readonly services?: ServiceSettings;
}

/** Whether a journey finds users by it at once: by name and id in any realm (OPS-24). */
export const isIndexedIn =
  ({ indexedAttributes }: Pick<RealmSettings, 'indexedAttributes'>) =>
  (attribute: string): boolean =>
    attribute === '_id' || isUsernameAttribute(attribute) || indexedAttributes.includes(attribute);

/** The realms of a configuration, for a check of their trees. */
export const realmsUnderCheck = ({
  realms,
  trees,
  scripts,
  services,
}: Pick<ConfigurationSnapshot, 'realms' | 'trees' | 'scripts' | 'services'>): readonly RealmUnderCheck[] =>
  realms.map((realm) => {
    const known = new Map(scripts.filter((it) => it.realm === realm.realm).map((script) => [script.id, script]));
    const said = (id: string, of: (script: ScriptDocument) => string | undefined) => {
      const script = known.get(id);
      return script && of(script);
    };
    return {
      realm,
      trees: trees.filter((tree) => tree.realm === realm.realm),
      hasScript: (id) => known.has(id),
      scriptObstacle: (id) => said(id, scriptObstacle),
      scriptCaveat: (id) => said(id, scriptCaveat),
      isIndexed: isIndexedIn(withLaterSettings(realm)),
      services: (type) => services.find((it) => it.realm === realm.realm && it.type === type)?.config,
    };
  });

/**
 * What a check finds in the trees of a realm, or in `only` some. What an unchanged shipped journey accepts is an `info` with its reason; all
 * other faults are errors where the realm says so. The start, REST and the command line all read findings here.
 */
export const treeFindings = (
  { realm, ...underCheck }: RealmUnderCheck,
  reading: TreeReading,
  only?: readonly string[],
): readonly RealmFinding[] => {
  const options = { ...reading, ...underCheck, ...(only && { only }) };
  const classes = mappedClasses(treeOfAcrIn(underCheck.services?.(PROVIDER_TYPE._id) ?? {}));
  const trees = new Map(underCheck.trees.map((tree) => [tree.name, tree]));
  const found = journeyFindings({ ...options, classes, levels: levelJourneys(realm.authLevelJourneys ?? {}) });
  const findings = found.map((finding): RealmFinding => {
    const tree = trees.get(finding.tree);
    const accepted = tree && isFault(finding) ? reasonToAccept(tree, finding) : undefined;
    return accepted === undefined ? finding : { ...finding, severity: 'info', accepted };
  });
  return realm.treeFindings === 'error'
    ? findings.map((finding) => (isFault(finding) ? { ...finding, severity: 'error' as const } : finding))
    : findings;
};

/** Whether there is something to mend, and not only to know. */
export const isFault = ({ severity }: Pick<TreeFinding, 'severity'>): boolean => severity !== 'info';

/** How strongly whoever comes to the end of a tree has signed in. */
export const strengthsOf = (
  { trees }: Pick<RealmUnderCheck, 'trees'>,
  reading: TreeReading,
  only?: readonly string[],
): ReadonlyMap<string, TreeStrength> => treeStrengths({ ...reading, trees, ...(only && { only }) });

/** One line for each: for an operator, and for whoever saved the tree. */
export const logTreeFindings = (
  log: Logger,
  { realm }: Pick<RealmUnderCheck, 'realm'>,
  findings: readonly TreeFinding[],
  transactionId?: string,
): void => {
  const level = realm.treeFindings === 'error' ? 'error' : 'warn';
  for (const { message, tree, nodeId, nodeType, code, severity, outcome, fix } of findings) {
    const at = {
      realm: realm.realm,
      journey: tree,
      nodeId,
      nodeType,
      outcome,
      ...(transactionId && { transactionId }),
    };
    log[level]({ ...at, code, severity, fix }, message);
  }
};

/**
 * Logs what is found at a start, where nobody has just saved anything: errors one by one, and how many warnings there are. They are
 * the same at every start, and `assent journey check` lists them.
 */
export const logTreeFindingsAtStart = (
  log: Logger,
  realm: Pick<RealmUnderCheck, 'realm'>,
  findings: readonly TreeFinding[],
): void => {
  const errors = findings.filter(({ severity }) => severity === 'error');
  logTreeFindings(log, realm, errors);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  if (warnings === 0) return;
  log.info(
    { realm: realm.realm.realm, warnings },
    `A check of the journeys has warnings; "assent journey check --realm ${realm.realm.realm}" lists them.`,
  );
};
