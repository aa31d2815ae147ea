import { setImmediate as nextTurn } from 'node:timers/promises';
import { charactersCompared, comparisonsOf, parseQueryFilter, passesFilter, readOnce } from '@assent/engine';
import { formatQueryResult, isJsonObject, type JsonObject, pickFields } from '@assent/wire';
import { type Answer, badRequest, type Call, ok } from './call.ts';

/** How many items are worked on at once: some milliseconds of work, after which other requests have their turn. */
const ITEMS_OF_TURN = 50;

/** Makes something of each item, with a turn of the event loop for others between batches. */
export const inTurns = async <T, R>(items: readonly T[], work: (item: T) => R): Promise<readonly R[]> => {
  const made: R[] = [];
  for (let from = 0; from < items.length; from += ITEMS_OF_TURN) {
    if (from > 0) await nextTurn();
    for (const item of items.slice(from, from + ITEMS_OF_TURN)) made.push(work(item));
  }
  return made;
};

const MEBI = 1_024 * 1_024;
/** How many characters the filter of one query compares at most, each as often as a comparison reads it; and how many of them in one turn. */
export const MAX_COMPARED_MEBI = 64;
const COMPARED_OF_TURN = MEBI;

/** What a query is told that compares more than that. */
export const COMPARES_TOO_MUCH = `_queryFilter would compare more than ${MAX_COMPARED_MEBI} Mi characters: the length of the values times the number of comparisons.`;

/**
 * Counts what the filter of one query compares. The number of records says nothing of that: 100 comparisons with values of 62 KB blocked the event
 * loop for seconds.
 */
export class ComparedCharacters {
  #whole = 0;
  #ofTurn = 0;

  /** Notes a record before it is judged, in a later turn where this one is full. False where the query compares too much with it. */
  async take(characters: number): Promise<boolean> {
    this.#whole += characters;
    if (this.#whole > MAX_COMPARED_MEBI * MEBI) return false;
    // A record is made and read, too.
    const ofTurn = Math.max(characters, COMPARED_OF_TURN / ITEMS_OF_TURN);
    if (this.#ofTurn > 0 && this.#ofTurn + ofTurn > COMPARED_OF_TURN) {
      await nextTurn();
      this.#ofTurn = 0;
    }
    this.#ofTurn += ofTurn;
    return true;
  }
}

/** Texts, numbers and truth values under a pointer such as `uiConfig/categories`. */
const valuesAt =
  (record: JsonObject) =>
  (pointer: string): readonly string[] => {
    let found: unknown = record;
    for (const name of pointer.replace(/^\//, '').split('/')) {
      found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return (Array.isArray(found) ? found : [found]).flatMap((value) =>
      ['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : [],
    );
  };

/**
 * Answers `_queryFilter` over documents of the configuration; a page size of 0 is all of them (spec: journeys-rest §6.3). Records are made some at a
 * time, with turns for others in between, and where all documents are meant, for those of the page alone.
 */
export const answerQuery = async <T>(
  call: Call,
  documents: readonly T[],
  recordOf: (document: T) => JsonObject,
): Promise<Answer> => {
  const { _queryFilter, _pageSize = '0', _pagedResultsOffset, _fields } = call.query;
  if (_queryFilter === undefined) return badRequest('The query needs _queryFilter.');
  const parsed = parseQueryFilter(_queryFilter);
  if ('reason' in parsed) return badRequest(parsed.reason);
  if (!/^\d{1,9}$/.test(_pageSize)) return badRequest('_pageSize must be a whole number.');
  const offset = call.query._pagedResultsCookie ?? _pagedResultsOffset ?? '0';
  if (!/^\d{1,9}$/.test(offset)) return badRequest('_pagedResultsCookie is not one of this server.');
  const { filter } = parsed;
  const begin = Number(offset);
  const size = Number(_pageSize);
  const isOnPage = (at: number): boolean => at >= begin && (size === 0 || at < begin + size);
  const page: JsonObject[] = [];
  let hits = 0;
  if (filter.op === 'literal' && filter.value) {
    hits = documents.length;
    const shown = await inTurns(documents.slice(begin, size === 0 ? hits : begin + size), recordOf);
    page.push(...shown.map((record) => pickFields(record, _fields)));
  } else {
    const comparisons = comparisonsOf(filter);
    const compared = new ComparedCharacters();
    for (const document of documents) {
      const record = recordOf(document);
      const read = readOnce(valuesAt(record));
      if (!(await compared.take(charactersCompared(comparisons, read)))) {
        return badRequest(`${COMPARES_TOO_MUCH} Use fewer comparisons, or fields with shorter values.`, '_queryFilter');
      }
      if (!passesFilter(filter, read)) continue;
      if (isOnPage(hits)) page.push(pickFields(record, _fields));
      hits += 1;
    }
  }
  const end = begin + (size || hits);
  return ok(
    formatQueryResult(page, {
      ...(end < hits && { cookie: String(end) }),
      ...(call.query._totalPagedResultsPolicy === 'EXACT' && { total: hits }),
    }),
  );
};
