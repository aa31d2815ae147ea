import { MAX_PAGE_CHARACTERS, MAX_STEP_CHARACTERS } from '@assent/engine/host';
import { LARGE_ANSWER, MAX_ANSWER_BYTES, UNSENT_LIMITS } from '../bounds/unsent-answers.ts';
import { WORK_TURNS } from '../bounds/work-turns.ts';
import type { Limit } from './limit-texts.ts';

const UNSENT = 'server/src/bounds/unsent-answers.test.ts';
const TURNS = 'server/src/bounds/work-turns.test.ts';
const mebibytes = (bytes: number): string => `${bytes / 1_048_576} MiB`;
const kibi = (characters: number): string => `${characters / 1_024} Ki characters`;
const seconds = (millis: number): string => `${millis / 1_000} seconds`;

const { concurrencyOfRealm, mostOfRealm, concurrency, most, deadlineMillis } = WORK_TURNS;
const AT_ONCE = `${concurrencyOfRealm} at once and ${mostOfRealm} that wait, for ${seconds(deadlineMillis)} at most; ${concurrency} and ${most} of all realms`;

/** Limits of the work and of the memory that callers ask for, without having to guess anything. */
export const WORK_LIMITS: readonly Limit[] = Object.freeze<Limit[]>([
  {
    what: 'Answers that wait for a client that does not read them',
    per: 'source, realm and instance',
    by: `${mebibytes(UNSENT_LIMITS.mostOfSource)} of a source, ${mebibytes(UNSENT_LIMITS.mostOfRealm)} of a realm, ${mebibytes(UNSENT_LIMITS.most)} in all`,
    over: `503 with \`Retry-After\` instead of an answer of ${LARGE_ANSWER / 1_024} KiB or more. Where the realm or the instance is full, the largest source of the largest realm loses its oldest connection instead, if it has more than the caller would have.`,
    fails: 'open',
    heldBy: [UNSENT, 'that nobody reads are counted, and refused beyond the bound; those that are read go on'],
  },
  {
    what: 'Connections whose client does not read its answer',
    per: 'connection',
    by: `${seconds(UNSENT_LIMITS.stallMillis)} without a byte, or ${seconds(UNSENT_LIMITS.lifeMillis)} for one answer`,
    over: 'The connection is destroyed.',
    fails: 'open',
    heldBy: [UNSENT, 'whose reader takes no byte end with their connection: %s'],
  },
  {
    what: 'One answer',
    per: 'request',
    by: mebibytes(MAX_ANSWER_BYTES),
    over: 'A list with `_pageSize` ends its page sooner, and `pagedResultsCookie` leads on. Any other answer is 400 and names `_pageSize`.',
    fails: 'open',
    heldBy: [
      'server/src/http/configuration-query.test.ts',
      'has pages that end by their bytes, and their cookies lead to each record once',
    ],
  },
  {
    what: 'Reads of administrators: `GET` and the actions of `POST` that only read',
    per: 'realm of the administrator; its administrators take turns',
    by: AT_ONCE,
    over: '503 with `Retry-After`.',
    fails: 'open',
    heldBy: [
      'server/src/composition/bounded-work.test.ts',
      'take one turn each, whichever route they go to, and give it back',
    ],
  },
  {
    what: 'Large pages of journeys: more than 32 Ki characters of settings in the page and its nodes',
    per: 'realm; its sources take turns, in one line with the reads of its administrators, who go first',
    by: AT_ONCE,
    over: '503 with `Retry-After`, and the step stays open.',
    fails: 'open',
    heldBy: [TURNS, 'large pages are made in turns of the event loop, two of a realm at most in each'],
  },
  {
    what: 'Settings of a page and of the nodes in it',
    per: 'page',
    by: kibi(MAX_PAGE_CHARACTERS),
    over: 'The check of the journey has the error J20. The page is not made: the journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [
      'server/src/composition/bounded-work.test.ts',
      'are an error of the check, and are not made: the journey ends, and the log says why',
    ],
  },
  {
    what: 'One step of a journey',
    per: 'step',
    by: kibi(MAX_STEP_CHARACTERS),
    over: 'The journey ends in error, and the log names the node.',
    fails: 'open',
    heldBy: [
      'engine/src/execution/large-steps.test.ts',
      'a step of 512 Ki characters is shown, and a larger one ends the journey in error',
    ],
  },
]);
