import { type JsonObject, JsonText } from '../json.ts';

/** One page of a query in AM's envelope (spec: journeys-rest §6.1); `cookie` leads to the next one. */
export const formatQueryResult = (
  result: readonly JsonObject[],
  page: { readonly cookie?: string; readonly total?: number } = {},
): JsonObject => ({
  result,
  resultCount: result.length,
  pagedResultsCookie: page.cookie ?? null,
  totalPagedResultsPolicy: page.total === undefined ? 'NONE' : 'EXACT',
  totalPagedResults: page.total ?? -1,
  remainingPagedResults: -1,
});

/** A query result of records that are written as JSON already. */
export const writeQueryResult = (
  result: readonly string[],
  page: { readonly cookie?: string; readonly total?: number } = {},
): JsonText => {
  const { result: _, ...members } = formatQueryResult([], page);
  const rest = JSON.stringify({ ...members, resultCount: result.length });
  return new JsonText(`{"result":[${result.join(',')}],${rest.slice(1)}`);
};

/** The members that `_fields` names, with `_id` and `_rev`; all of them where it names none. */
export const pickFields = (record: JsonObject, fields: string | undefined): JsonObject => {
  const names = (fields ?? '').split(',').map((name) => name.trim().replace(/^\//, ''));
  const wanted = new Set(['_id', '_rev', ...names]);
  return names.every((name) => name === '') || wanted.has('*')
    ? record
    : Object.fromEntries(Object.entries(record).filter(([name]) => wanted.has(name)));
};

/** Whether an If-Match header lets the change of that revision pass; an absent one does. */
export const matchesRevision = (header: string | undefined, rev: string): boolean => {
  if (header === undefined) return true;
  return header.split(',').some((tag) => {
    const given = tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return given === '*' || given === rev;
  });
};
