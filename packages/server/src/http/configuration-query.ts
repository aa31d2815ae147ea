import { parseQueryFilter, passesFilter } from '@assent/engine';
import { formatQueryResult, isJsonObject, type JsonObject, pickFields } from '@assent/wire';
import { type Answer, badRequest, type Call, ok } from './call.ts';

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

/** Answers `_queryFilter` over records of the configuration; a page size of 0 is all of them (spec: journeys-rest §6.3). */
export const answerQuery = (call: Call, records: readonly JsonObject[]): Answer => {
  const { _queryFilter, _pageSize = '0', _pagedResultsOffset, _fields } = call.query;
  if (_queryFilter === undefined) return badRequest('The query needs _queryFilter.');
  const parsed = parseQueryFilter(_queryFilter);
  if ('reason' in parsed) return badRequest(parsed.reason);
  if (!/^\d{1,9}$/.test(_pageSize)) return badRequest('_pageSize must be a whole number.');
  const offset = call.query._pagedResultsCookie ?? _pagedResultsOffset ?? '0';
  if (!/^\d{1,9}$/.test(offset)) return badRequest('_pagedResultsCookie is not one of this server.');
  const hits = records.filter((record) => passesFilter(parsed.filter, valuesAt(record)));
  const end = Number(offset) + (Number(_pageSize) || hits.length);
  const page = hits.slice(Number(offset), end).map((record) => pickFields(record, _fields));
  return ok(
    formatQueryResult(page, {
      ...(end < hits.length && { cookie: String(end) }),
      ...(call.query._totalPagedResultsPolicy === 'EXACT' && { total: hits.length }),
    }),
  );
};
