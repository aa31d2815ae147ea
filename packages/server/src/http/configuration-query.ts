import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseQueryFilter, passesFilter } from '@assent/engine';
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
  const isAll = filter.op === 'literal' && filter.value;
  const begin = Number(offset);
  const size = Number(_pageSize);
  const isOnPage = (at: number): boolean => at >= begin && (size === 0 || at < begin + size);
  let hits = 0;
  const read = (document: T): readonly JsonObject[] => {
    if (isAll && !isOnPage(hits)) {
      hits += 1;
      return [];
    }
    const record = recordOf(document);
    if (!isAll && !passesFilter(filter, valuesAt(record))) return [];
    hits += 1;
    return isOnPage(hits - 1) ? [pickFields(record, _fields)] : [];
  };
  const page = (await inTurns(documents, read)).flat();
  const end = begin + (size || hits);
  return ok(
    formatQueryResult(page, {
      ...(end < hits && { cookie: String(end) }),
      ...(call.query._totalPagedResultsPolicy === 'EXACT' && { total: hits }),
    }),
  );
};
