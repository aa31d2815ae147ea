import { NO_ANSWERS, NO_CALLBACKS } from '../execution/execution-context.ts';
import { readSuspendedId } from '../execution/suspension.ts';
import { JourneyError } from '../model/errors.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import { sameText } from '../model/nonce.ts';
import { decide } from '../step/decide.ts';
import { execute } from '../step/execute.ts';
import type { JourneyAnswer, ResumeRequest } from '../step/journey-requests.ts';
import type { StepPlan } from '../step/step-execution.ts';
import { readStored, type StoredState } from '../step/stored-state.ts';
import { CREDENTIALS_CHANGED, isOutdatedNow } from '../unit-of-work/credential-version.ts';
import { withNoSession } from './beginning.ts';
import type { JourneyHost } from './journey-host.ts';
import { answerBySteps, type RequestSteps } from './request-steps.ts';

interface ResumePlan extends StepPlan {
  readonly stored: StoredState;
}

type Link = NonNullable<ReturnType<typeof readSuspendedId>>;

const gone = (reason: string) => new JourneyError('SUSPENSION_GONE', { reason });

/** Goes on with a suspended journey from the node that suspended it (spec: journeys-rest §1.12). */
export const resume = async (host: JourneyHost, wanted: ResumeRequest): Promise<JourneyAnswer> => {
  const realm = host.realm(wanted.realm);
  const link = readSuspendedId(wanted.suspendedId, host.dependencies.digest);
  if (link === undefined) throw gone('No link of ours has such an id.');
  return answerBySteps(host, host.unitOfWork(realm, link.journeyId, wanted.request), resumeSteps(host, link, wanted));
};

const resumeSteps = (
  host: JourneyHost,
  link: Link,
  { noSession, binding }: ResumeRequest,
): RequestSteps<JourneySession | undefined, ResumePlan> => ({
  load: () => host.dependencies.journeySessions.get(link.journeyId),

  check: async (row, unit) => {
    const { realm } = unit;
    if (row === undefined || row.realm !== realm.realm) throw gone('The realm has no such journey.');
    if (row.ended || !sameText(row.nonce, link.nonce)) throw gone('The link was used already, or is another one.');
    if (host.now >= row.expiresAt) throw gone('The link is over its time limit.');
    const tree = await host.trees.running(realm, row, gone);
    const stored = readStored(row).state;
    if (stored.credential && (await isOutdatedNow(unit, host.dependencies.identities, stored.credential))) {
      throw gone(CREDENTIALS_CHANGED);
    }
    return {
      tree,
      trees: host.trees.inside(realm.realm, stored.innerVersions),
      reference: {
        realm: row.realm,
        tree: row.tree,
        treeVersion: row.treeVersion,
        journeyId: row.id,
        nonce: row.nonce,
        expiresAt: host.timeLimit(tree, realm),
        ...(binding !== undefined && { binding }),
      },
      parameters: withNoSession(stored.parameters, noSession),
      carried: stored,
      submitted: { seenNonce: row.nonce },
      stored,
    };
  },

  execute: (execution, { stored }) => {
    const answered = { sent: NO_CALLBACKS, answers: NO_ANSWERS, inner: stored.inner ?? [] };
    return execute(execution, stored.node, answered, { resumed: true });
  },

  decide,
});
