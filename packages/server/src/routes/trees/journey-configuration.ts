import type { AuditDetail, Clock, NodeDefinition, Random, RealmSettings, ScriptDocument } from '@assent/engine';
import {
  type AuditEvent,
  backChannelTreesIn,
  innerTreesIn,
  type PlaceholderSource,
  type PublishedTree,
  STEPS_OF_REQUEST,
  scriptCaveat,
  scriptObstacle,
  scriptsIn,
  type TreeFinding,
  type TreeReading,
  treesAround,
} from '@assent/engine/host';
import type { ConfigurationRefusal, JsonObject } from '@assent/wire';
import { administered, type Caller, type CallerPorts } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import { type Answer, type Call, type Handler, header, refuse as refusalOf } from '../../http/call.ts';
import { meetsConditions } from '../../http/conditions.ts';
import { inTurns } from '../../http/configuration-query.ts';
import { RealmJourneys } from '../../journeys/realm-journeys.ts';
import {
  isFault,
  isIndexedIn,
  logTreeFindings,
  type RealmUnderCheck,
  treeFindings,
} from '../../journeys/tree-findings.ts';
import type { Logger } from '../../platform/log.ts';
import type { FourEyes } from '../../proposals/four-eyes.ts';
import type { ProposedChange } from '../../proposals/proposal-document.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

/** What the routes of trees and nodes stand on. */
export interface JourneyConfigurationOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly fourEyes: FourEyes;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly placeholderValue: PlaceholderSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** With what the check of trees finds in what the decision leaves behind. */
export interface CheckedAnswer extends Answered {
  readonly findings?: readonly TreeFinding[];
}

export const refuse = (status: number, message: string, detail?: JsonObject): CheckedAnswer => ({
  answer: refusalOf(status, message, detail),
});

export const refuseInput = ({ reason, detail }: ConfigurationRefusal): CheckedAnswer =>
  refuse(400, reason, Object.keys(detail).length > 0 ? detail : undefined);

export const NOT_FOUND_HERE: CheckedAnswer = refuse(404, 'Not Found');

/** A node of a tree takes as long to look at as so many characters to write. */
const CHARACTERS_OF_NODE = 256;

/**
 * A check looks at which journeys all others run or ask for, and at which scripts they run. That is read here, with turns for other requests in between,
 * and kept for each version of a journey.
 */
const readNamesInTrees = async (
  { configuration, catalogue, placeholderValue }: JourneyConfigurationOptions,
  call: Call,
) => {
  const reading = { catalogue, placeholderValue: placeholderValue(call.realmPath) };
  const read = (tree: PublishedTree): number => {
    innerTreesIn(tree, reading);
    backChannelTreesIn(tree, reading);
    scriptsIn(tree, reading);
    return Object.keys(tree.tree.nodes).length * CHARACTERS_OF_NODE;
  };
  await inTurns(configuration.trees(call.realmPath), read, (characters) => characters);
};

/** A handler that only those who administer journeys reach, with the nodes as they are now. */
export const forJourneyAdministrators =
  (options: JourneyConfigurationOptions) =>
  (handle: (call: Call, caller: Caller) => Promise<Answer>): Handler =>
    administered(
      options,
      'journeys',
    )(async (call, caller) => {
      await options.configuration.refreshNodes();
      if (call.request.method !== 'GET') await readNamesInTrees(options, call);
      return handle(call, caller);
    });

export const viewOf = (
  { configuration, catalogue, placeholderValue }: JourneyConfigurationOptions,
  call: Call,
): RealmJourneys => new RealmJourneys(configuration, catalogue, placeholderValue(call.realmPath), call.realmPath);

/** What the check of trees finds wrong in some of a realm's. */
export const findingsIn = (
  { catalogue, configuration, placeholderValue }: JourneyConfigurationOptions,
  { realm }: Call,
  view: RealmJourneys,
  trees: readonly string[],
): readonly TreeFinding[] => {
  if (realm === undefined || trees.length === 0) return [];
  const under: RealmUnderCheck = {
    realm,
    trees: view.trees(),
    hasScript: (id) => view.hasScript(id),
    scriptObstacle: (id) => view.scriptObstacle(id),
    scriptCaveat: (id) => view.scriptCaveat(id),
    isIndexed: isIndexedIn(realm),
    services: (type) => configuration.service(realm.realm, type)?.config,
  };
  const reading = { catalogue, placeholderValue: placeholderValue(realm.realm), maxSteps: STEPS_OF_REQUEST };
  return treeFindings(under, reading, trees).filter(isFault);
};

/** A realm as it is, or as a change would leave it. */
const realmAfter = (
  { configuration }: Pick<JourneyConfigurationOptions, 'configuration'>,
  realm: RealmSettings,
  { publishTrees = [], deleteTrees = [], putScripts = [], deleteScripts = [] }: ProposedChange = {},
): RealmUnderCheck => {
  const written = new Set([...publishTrees, ...deleteTrees].map(({ name }) => name));
  const scripts = new Map<string, ScriptDocument | undefined>([
    ...putScripts.map((script) => [script.id, script] as const),
    ...deleteScripts.map(({ id }) => [id, undefined] as const),
  ]);
  const scriptOf = (id: string) => (scripts.has(id) ? scripts.get(id) : configuration.script(realm.realm, id));
  const said = (id: string, of: (script: ScriptDocument) => string | undefined) => {
    const script = scriptOf(id);
    return script && of(script);
  };
  return {
    realm,
    trees: [...configuration.trees(realm.realm).filter(({ name }) => !written.has(name)), ...publishTrees],
    hasScript: (id) => scriptOf(id) !== undefined,
    scriptObstacle: (id) => said(id, scriptObstacle),
    scriptCaveat: (id) => said(id, scriptCaveat),
    isIndexed: isIndexedIn(realm),
    services: (type) => configuration.service(realm.realm, type)?.config,
  };
};

/** The trees that a change concerns: those that it writes, those that run its scripts, and those that run or ask for one of these. */
const concernedBy = (
  { publishTrees = [], deleteTrees = [], putScripts = [], deleteScripts = [] }: ProposedChange,
  { trees }: Pick<RealmUnderCheck, 'trees'>,
  reading: TreeReading,
): readonly string[] => {
  const scripts = [...putScripts, ...deleteScripts].map(({ id }) => id);
  const running = trees.filter((tree) => {
    const named = scripts.length > 0 && scriptsIn(tree, reading);
    return named && (named === 'all' || scripts.some((id) => named.has(id)));
  });
  const byName = new Map(trees.map((tree) => [tree.name, tree]));
  const namesIn = (name: string): readonly string[] => {
    const tree = byName.get(name);
    return tree === undefined ? [] : [...innerTreesIn(tree, reading), ...backChannelTreesIn(tree, reading)];
  };
  const changed = [...publishTrees, ...deleteTrees, ...running].map(({ name }) => name);
  return [...treesAround(byName.keys(), changed, namesIn)];
};

const identityOf = ({ tree, code, nodeId, outcome, message }: TreeFinding): string =>
  JSON.stringify([tree, code, nodeId, outcome, message]);

/** What a change makes worse: all that is found in a tree which is saved as such, and what is new in each other tree that the change concerns. */
const findingsOfChange = (
  options: JourneyConfigurationOptions,
  realm: RealmSettings,
  change: ProposedChange,
): readonly TreeFinding[] => {
  const { catalogue, placeholderValue } = options;
  const reading = { catalogue, placeholderValue: placeholderValue(realm.realm), maxSteps: STEPS_OF_REQUEST };
  const then = realmAfter(options, realm, change);
  const concerned = concernedBy(change, then, reading);
  const found = treeFindings(then, reading, concerned).filter(isFault);
  // Most changes end here: only what is found has to be told from what was found before.
  if (found.length === 0) return [];
  const saved = new Set(change.putNodes === undefined ? change.publishTrees?.map(({ name }) => name) : []);
  const before = new Set(treeFindings(realmAfter(options, realm), reading, concerned).map(identityOf));
  return found.filter((finding) => saved.has(finding.tree) || !before.has(identityOf(finding)));
};

/** Says why a change is right although the realm takes what the check finds as errors (SEC-36). */
const ACCEPTED = 'x-assent-findings-accepted';
const MAX_REASON_LENGTH = 256;
/** A change of a tree that many others run can be found wrong in each of them. */
const MAX_FINDINGS_TOLD = 10;

const acceptanceOf = ({ request }: Call): string | undefined =>
  header(request, ACCEPTED)?.trim().slice(0, MAX_REASON_LENGTH) || undefined;

const refusalOfFindings = (findings: readonly TreeFinding[]): CheckedAnswer => {
  const what = findings.slice(0, MAX_FINDINGS_TOLD).map(({ tree, code, message }) => `${tree}: ${code} ${message}`);
  const more = findings.length - what.length;
  const said = [...what, ...(more > 0 ? [`${more} more are in the detail.`] : [])].join(' ');
  const fix = `Mend it, or say in the header ${ACCEPTED} why it is right.`;
  return refuse(400, `This realm takes what the check of trees finds as errors: ${said} ${fix}`, { findings });
};

/**
 * Refuses a change of journeys that would leave new findings, where the realm takes them as errors and the call does not accept them. For the audit log it
 * adds to the events what the call accepts. A node that no published tree runs is free: an import saves nodes before their tree.
 */
export const withoutNewFindings = <D extends CheckedAnswer>(
  options: JourneyConfigurationOptions,
  call: Call,
  decision: D,
): Answered & Partial<D> => {
  const { change, events, findings = [] } = decision;
  const realm = options.configuration.realm(call.realmPath);
  if (change === undefined || realm === undefined) return decision;
  const isStrict = realm.treeFindings === 'error';
  const counted = isStrict ? findingsOfChange(options, realm, change) : findings;
  if (counted.length === 0) return decision;
  const accepted = acceptanceOf(call);
  if (accepted === undefined) return isStrict ? (refusalOfFindings(counted) as Answered & Partial<D>) : decision;
  const codes = [...new Set(counted.map(({ code }) => code))].join(',');
  const added = { accepted, findings: codes };
  return {
    ...decision,
    ...(events && { events: events.map((it) => ({ ...it, detail: { ...it.detail, ...added } })) }),
  };
};

/** Decides a change of trees, nodes or scripts, after the check of what it would leave behind. */
export const decidedChange = <D extends CheckedAnswer>(
  options: JourneyConfigurationOptions,
  call: Call,
  caller: Caller,
  decide: () => D,
) => options.fourEyes.decided(call, caller, () => withoutNewFindings(options, call, decide()));

/** Logs what was found in what was saved, with the id of the call. */
export const logFindings = (
  { log }: JourneyConfigurationOptions,
  { realm, transactionId }: Call,
  findings: readonly TreeFinding[],
): void => {
  if (realm !== undefined) logTreeFindings(log, { realm }, findings, transactionId);
};

/** Why `If-Match` and `If-None-Match` do not let a change pass, or undefined (spec: journeys-rest §6.1). */
export const failedCondition = (call: Call, storedRevision: string | undefined): CheckedAnswer | undefined => {
  return meetsConditions(call, storedRevision)
    ? undefined
    : refuse(412, 'The resource could not be accessed because it did not match the precondition. Read it again.');
};

export const changeOf = (
  options: Pick<JourneyConfigurationOptions, 'clock'>,
  call: Call,
  caller: Caller,
  outcome: 'create' | 'update' | 'delete',
  detail: AuditDetail,
): AuditEvent => configurationEvent(options, call, caller, { event: 'CONFIG_CHANGE', outcome, detail });
