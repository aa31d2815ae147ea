import { type JourneyRequest, type RealmSettings, Unavailable } from '@assent/engine';
import {
  type Committer,
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
}

/** Each costs the work of a password; whoever is overtaken so often is told to come again. */
const MAX_TRIES = 3;

/**
 * One guess at a time per user. A guess whose commit was overtaken by another instance is judged anew by what is stored by then: a right
 * password is not called wrong for it, and one that could not be counted is not answered at all (OPS-30).
 */
export const passwordCheck = ({ committer, ...dependencies }: PasswordCheckPorts): PasswordCheck => {
  const passwordsOf = passwordsAdapter(dependencies);
  const turns = new Turns();
  return async (realm, request, username, password) => {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const unit = new JourneyUnitOfWork(realm, '', request, committer, turns);
      try {
        const { status } = await passwordsOf(unit).verify(username, password);
        const { committed } = await committer.commit(unit.toCommit);
        if (committed) return status === 'right';
      } finally {
        unit.release();
      }
    }
    throw new Unavailable('others were always first to change what the password depends on');
  };
};
