import type { AuditDetail, Clock, NodeDefinition, Random } from '@assent/engine';
import {
  type AuditEvent,
  innerTreesIn,
  type PlaceholderSource,
  type PublishedTree,
  STEPS_OF_REQUEST,
  type TreeFinding,
} from '@assent/engine/host';
import type { ConfigurationRefusal, JsonObject } from '@assent/wire';
import { administered, type Caller, type CallerPorts } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import { type Answer, type Call, type Handler, refuse as refusalOf } from '../../http/call.ts';
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

/** A check looks at which journeys all others run. That is read here, with turns for other requests in between, and kept for each version of a journey. */
const readInnerTrees = async (
  { configuration, catalogue, placeholderValue }: JourneyConfigurationOptions,
  call: Call,
) => {
  const reading = { catalogue, placeholderValue: placeholderValue(call.realmPath) };
  const read = (tree: PublishedTree): number => {
    innerTreesIn(tree, reading);
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
      if (call.request.method !== 'GET') await readInnerTrees(options, call);
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
