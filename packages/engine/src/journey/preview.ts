import { EndedInError } from '../execution/ended-in-error.ts';
import { NotPreviewed } from '../model/errors.ts';
import type { JourneyAnswer, StartRequest } from '../step/journey-requests.ts';
import type { Committer } from '../unit-of-work/changes.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import type { JourneyHost } from './journey-host.ts';
import { executeSteps } from './request-steps.ts';
import { startSteps, unstoredStep } from './start.ts';

const NO_COMMITTER: Committer = {
  commit() {
    throw new TypeError('A preview commits nothing.');
  },
};

/**
 * What a start is answered where it leaves nothing behind: a first step that is stored nowhere, or the session that is
 * there. Undefined where it would be written, or a node would act: for a page that is only being looked at, since a GET is
 * safe (RFC 9110 §9.2.1). A preview has no effect at all: it commits nothing, keeps nobody waiting, and says nothing in the
 * log.
 */
export const preview = async (host: JourneyHost, wanted: StartRequest): Promise<JourneyAnswer | undefined> => {
  const realm = host.realm(wanted.realm);
  const unit = new JourneyUnitOfWork(realm, host.newJourneyId(), wanted.request, NO_COMMITTER, new Turns());
  try {
    const executed = await executeSteps(host, unit, startSteps(host, realm, wanted), { isPreview: true });
    if ('outcome' in executed) return executed.outcome.answer;
    return unstoredStep(executed.execution, executed.plan.reference, executed.end);
  } catch (error) {
    if (error instanceof EndedInError || error instanceof NotPreviewed) return undefined;
    throw error;
  }
};
