import { MAX_COMBINING_RUN, MAX_SEARCH_VALUE_LENGTH, MAX_SEARCH_VALUES } from '@assent/engine/host';
import { MAX_CHARACTERS_LOOKED_THROUGH, MAX_CHARACTERS_OF_PAGE, MAX_USERS_LOOKED_THROUGH } from '@assent/store';
import { MAX_COMPARED_MEBI } from '../http/configuration-query.ts';
import type { Limit } from './limit-texts.ts';

const MEBI = 1_024 * 1_024;

/** Limits of the work that one request makes of stored users and documents. */
export const LIMITS_OF_WORK: readonly Limit[] = Object.freeze<Limit[]>([
  {
    what: 'Characters that a query of users, or of configuration, compares: the length of the values times the number of comparisons',
    per: 'request',
    by: `${MAX_COMPARED_MEBI} Mi, of which 1 Mi in one turn of the event loop`,
    over: '400 that names `_queryFilter`. A query of users with `_pageSize` goes on with the next page.',
    fails: 'closed',
    heldBy: ['server/src/routes/users/user-search.test.ts', 'compares a bounded number of characters'],
  },
  {
    what: 'Attributes that a journey goes through to find one user, where no index has the attribute',
    per: 'look-up',
    by: `${MAX_USERS_LOOKED_THROUGH.toLocaleString('en')} users, and ${MAX_CHARACTERS_LOOKED_THROUGH / MEBI} Mi characters; ${MAX_CHARACTERS_OF_PAGE / MEBI} Mi of them in one turn of the event loop`,
    over: 'The journey ends in error, and the log names `indexedAttributes`.',
    fails: 'closed',
    heldBy: ['store/src/testing/people/describe-large-users.ts', 'looks through a bounded number of characters'],
  },
  {
    what: 'Values by which a user is found',
    per: 'attribute of a user',
    by: `the first ${MAX_SEARCH_VALUES}, of ${MAX_SEARCH_VALUE_LENGTH} characters each`,
    over: 'They are stored, and no look-up and no query finds the user by them.',
    fails: 'closed',
    heldBy: ['store/src/testing/people/describe-large-users.ts', 'finds users by the first values of an attribute'],
  },
  {
    what: 'Combining characters in a row, in names and attributes',
    per: 'value',
    by: `${MAX_COMBINING_RUN}`,
    over: '400 that names the attribute. Stored values are compared without Unicode normalization.',
    fails: 'closed',
    heldBy: ['engine/src/foreign/fold-username.test.ts', 'keeps long runs of combining characters as they are'],
  },
]);
