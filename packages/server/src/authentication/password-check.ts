import { type JourneyRequest, type RealmSettings, Unavailable } from '@assent/engine';
import {
  type Committer,
  commitKept,
  type JourneyLog,
  JourneyUnitOfWork,
  type PasswordDependencies,
  passwordsAdapter,
  Turns,
} from '@assent/engine/host';

/** Whether a password is right; wrong ones count and lock as they do in a journey (SEC-57). */
export type PasswordCheck = (
  realm: RealmSettings,
  request: JourneyRequest,
  username: string,
  password: string,
) => Promise<boolean>;

export interface PasswordCheckPorts extends PasswordDependencies {
  readonly committer: Committer;
  readonly log: JourneyLog;
}

/** Each try costs the work of a password. */
const MAX_TRIES = 3;

/**
 * One guess at a time per user. A guess whose commit was overtaken by another instance is judged again by what is stored by then, so that a right
 * password is not called wrong. A guess that cannot be judged, or whose commit fails, is not answered, and is counted where it was wrong (OPS-30, SEC-56).
 */
export const passwordCheck = ({ committer, log, ...dependencies }: PasswordCheckPorts): PasswordCheck => {
  const passwordsOf = passwordsAdapter(dependencies);
  const turns = new Turns();
  return async (realm, request, username, password) => {
    const unit = new JourneyUnitOfWork(realm, '', request, committer, turns);
    try {
      for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
        if (tries > 1) unit.startOver();
        const { status } = await passwordsOf(unit).verify(username, password);
        const { committed } = await committer.commit(unit.toCommit);
        if (committed) return status === 'right';
      }
      throw new Unavailable('others were always first to change what the password depends on');
    } catch (error) {
      await commitKept({ committer, log }, unit);
      throw error;
    } finally {
      unit.release();
    }
  };
};
