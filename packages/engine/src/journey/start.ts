import type { RealmSettings } from '../model/configuration.ts';
import { newNonce } from '../model/nonce.ts';
import { authLevelOf, type Session } from '../model/sessions.ts';
import { decide } from '../step/decide.ts';
import { execute } from '../step/execute.ts';
import type { JourneyAnswer, JourneyParameters, JourneyReference, StartRequest } from '../step/journey-requests.ts';
import { successUrlOf } from '../step/leading-urls.ts';
import { writeShownStep } from '../step/shown-steps.ts';
import type { ExecutionEnd, StepExecution, StepPlan } from '../step/step-execution.ts';
import type { CompiledTree } from '../tree/compiled-tree.ts';
import { beginning } from './beginning.ts';
import type { JourneyHost } from './journey-host.ts';
import { answerBySteps, type RequestSteps } from './request-steps.ts';

/** Parameters above this size are stored instead of travelling in the authId. */
const MAX_PARAMETERS_LENGTH = 1_024;

/** A start may be stored nowhere, so its authId carries what it was given. */
interface StartPlan extends StepPlan {
  readonly reference: JourneyReference & { readonly start: JourneyParameters };
}

/** Starts a journey, or answers at once for a session that this journey made already (spec: journeys-rest §1.10). */
export const start = async (host: JourneyHost, wanted: StartRequest): Promise<JourneyAnswer> => {
  const realm = host.realm(wanted.realm);
  const unit = host.unitOfWork(realm, host.newJourneyId(), wanted.request);
  return answerBySteps(host, unit, startSteps(host, realm, wanted), wanted.tree ?? realm.defaultTree);
};

export const startSteps = (
  host: JourneyHost,
  realm: RealmSettings,
  { tree: wantedTree, authLevel, parameters, binding, request: wanted }: StartRequest,
): RequestSteps<CompiledTree, StartPlan> => {
  const name = wantedTree ?? realm.defaultTree;
  const { dependencies, trees } = host;
  return {
    load: async () => trees.startable(realm, name),

    check: async (tree, { request: { session }, journeyId }) => {
      const serves = (found: Session): boolean =>
        authLevel === undefined
          ? wantedTree === undefined || found.properties.Service === name
          : authLevelOf(found) >= authLevel;
      if (session !== undefined && serves(session) && !tree.published.tree.mustRun && parameters.forceAuth !== true) {
        const successUrl = successUrlOf(dependencies, realm, parameters);
        return { outcome: { answer: { kind: 'success', realm, existing: session, successUrl } } };
      }
      return {
        tree,
        trees: trees.inside(realm.realm),
        reference: {
          realm: realm.realm,
          tree: name,
          treeVersion: tree.published.version,
          journeyId,
          nonce: newNonce(dependencies.random),
          expiresAt: host.timeLimit(tree, realm),
          start: parameters,
          ...(binding !== undefined && { binding }),
        },
        parameters,
        carried: beginning(realm, parameters),
      };
    },

    execute: (execution, { tree }) => execute(execution, tree.published.tree.entryNodeId),

    decide: async (execution, end, { reference }) => {
      const answer = unstoredStep(execution, reference, end);
      if (answer !== undefined) return { answer };
      host.demandBeginning(wanted);
      return decide(execution, end);
    },
  };
};

/** A first step that is stored nowhere; undefined for anything that has to be written. */
export const unstoredStep = (
  execution: StepExecution,
  reference: StartPlan['reference'],
  end: ExecutionEnd,
): JourneyAnswer | undefined => {
  if (end.kind !== 'step' || !execution.isPristine) return undefined;
  if (JSON.stringify(reference.start).length > MAX_PARAMETERS_LENGTH) return undefined;
  const { sent, presentation } = writeShownStep({ sent: end.callbacks, presentation: end.presentation }).step;
  const { innerVersions, cookies } = execution;
  return { kind: 'step', reference: { ...reference, ...innerVersions }, callbacks: sent, presentation, ...cookies };
};
