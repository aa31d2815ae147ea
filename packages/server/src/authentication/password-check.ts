import type { JourneyRequest, RealmSettings } from '@assent/engine';
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

/** One guess at a time per user; a guess that could not be counted is not answered with yes. */
export const passwordCheck = ({ committer, ...dependencies }: PasswordCheckPorts): PasswordCheck => {
  const passwordsOf = passwordsAdapter(dependencies);
  const turns = new Turns();
  return async (realm, request, username, password) => {
    const unit = new JourneyUnitOfWork(realm, '', request, committer, turns);
    try {
      const { status } = await passwordsOf(unit).verify(username, password);
      const { committed } = await committer.commit([...unit.changes, ...unit.kept]);
      return committed && status === 'right';
    } finally {
      unit.release();
    }
  };
};
