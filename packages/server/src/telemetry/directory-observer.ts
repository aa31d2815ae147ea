import { Unavailable } from '@assent/engine';
import type { DirectoryObserver } from '@assent/ldap';
import type { Measures } from './measures.ts';

/** Realms whose directories are told apart as away. */
const MAX_AWAY = 100;

/** Counts what directories are asked, and knows those that were away when they were asked last. */
export const directoryObserver = ({ ldapRequests }: Pick<Measures, 'ldapRequests'>) => {
  const away = new Set<string>();
  const observer: DirectoryObserver = {
    async ask(realm, operation, run) {
      try {
        const answer = await run();
        ldapRequests.add(1, operation, 'ok');
        away.delete(realm);
        return answer;
      } catch (error) {
        const isAway = error instanceof Unavailable;
        ldapRequests.add(1, operation, isAway ? 'unavailable' : 'refused');
        if (!isAway) away.delete(realm);
        else if (away.size < MAX_AWAY) away.add(realm);
        throw error;
      }
    },
  };
  return {
    observer,
    problems: (): readonly string[] => [...away].map((realm) => `The directory of the realm ${realm} does not answer.`),
  };
};
