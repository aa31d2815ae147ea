import {
  bindPasswords,
  type Change,
  type Committer,
  type JourneyRequest,
  type PasswordDependencies,
  type RealmSettings,
  type Submit,
  Turns,
} from '@assent/engine';

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
  const passwordsOf = bindPasswords(dependencies);
  const turns = new Turns();
  return async (realm, request, username, password) => {
    const changes: Change[] = [];
    const remembered = new Map<string, Promise<unknown>>();
    const kept = new Map<string, object>();
    const held = new Map<string, () => void>();
    const submit: Submit = {
      realm,
      journeyId: '',
      request,
      enlist: (change) => void changes.push(change),
      enlistAlways: (change) => void changes.push(change),
      commitNow: async (now) => (await committer.commit(now)).committed,
      afterCommit: () => undefined,
      async holdTurn(key) {
        if (!held.has(key)) held.set(key, await turns.take(key));
      },
      remember<T>(key: string, load: () => Promise<T>): Promise<T> {
        const known = remembered.get(key) ?? load();
        remembered.set(key, known);
        return known as Promise<T>;
      },
      keep<T extends object>(key: string, make: () => T): T {
        const value = kept.get(key) ?? make();
        kept.set(key, value);
        return value as T;
      },
    };
    try {
      const { status } = await passwordsOf(submit).verify(username, password);
      const { committed } = await committer.commit(changes);
      return committed && status === 'right';
    } finally {
      for (const end of held.values()) end();
    }
  };
};
