import { type BackChannel, isOpenBackChannel, isPolicyTransaction } from '../model/back-channels.ts';
import { JourneyError } from '../model/errors.ts';
import { newNonce } from '../model/nonce.ts';
import { decide } from '../step/decide.ts';
import { execute } from '../step/execute.ts';
import type { BackChannelStart, JourneyAnswer } from '../step/journey-requests.ts';
import { mayRun } from '../tree/startable-trees.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { beginning, withNoSession } from './beginning.ts';
import type { JourneyHost } from './journey-host.ts';
import { answerBySteps, type RequestSteps } from './request-steps.ts';

const gone = (reason: string) => new JourneyError('BACK_CHANNEL_GONE', { reason });

/**
 * Starts the journey that another one has asked for. That is written at once, so that the other one learns of it, and
 * whoever has the id may start it again until it has come to its end. A session that is there already proves nothing here.
 */
export const startBackChannel = async (host: JourneyHost, wanted: BackChannelStart): Promise<JourneyAnswer> => {
  const realm = host.realm(wanted.realm);
  const unit = host.unitOfWork(realm, host.newJourneyId(), wanted.request);
  return answerBySteps(host, unit, backChannelSteps(host, host.dependencies.digest(wanted.id), wanted));
};

const backChannelSteps = (
  host: JourneyHost,
  idHash: string,
  { parameters, binding }: BackChannelStart,
): RequestSteps<BackChannel | undefined> => ({
  load: () => host.dependencies.backChannels.get(idHash),

  check: async (row, { realm, journeyId }) => {
    if (row === undefined || row.realm !== realm.realm) throw gone('The realm has no such back channel.');
    if (!isOpenBackChannel(row, host.now)) throw gone('The back channel is over, or out of time.');
    const published = host.dependencies.configuration.tree(realm.realm, row.tree);
    if (!mayRun(realm, published)) {
      throw new JourneyError('TREE_NOT_FOUND', {
        tree: row.tree,
        reason: 'The tree cannot be run by a back channel.',
      });
    }
    const tree = host.trees.compile(published);
    const { allowRetry, subject, data } = row;
    const carried = beginning(realm, parameters);
    return {
      tree,
      trees: host.trees.inside(realm.realm),
      reference: {
        realm: realm.realm,
        tree: row.tree,
        treeVersion: published.version,
        journeyId,
        nonce: newNonce(host.dependencies.random),
        expiresAt: host.timeLimit(tree, realm),
        ...(binding !== undefined && { binding }),
      },
      parameters: withNoSession(parameters, isPolicyTransaction(row)),
      carried: {
        ...carried,
        shared: { ...(JSON.parse(data) as Readonly<Record<string, unknown>>), ...carried.shared },
        backChannel: { idHash, allowRetry, ...(subject !== undefined && { subject }) },
      },
    };
  },

  execute: (execution, { tree }) => {
    execution.unit.stage({ type: 'backChannel.start', idHash, now: host.now } satisfies EngineChange);
    return execute(execution, tree.published.tree.entryNodeId);
  },

  decide,
});
