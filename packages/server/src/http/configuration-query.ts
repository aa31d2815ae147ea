import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseQueryFilter, passesFilter } from '@assent/engine';
import { isJsonObject, type JsonObject, pickFields, writeQueryResult } from '@assent/wire';
import { MAX_ANSWER_BYTES } from '../bounds/unsent-answers.ts';
import { type Answer, badRequest, type Call, ok } from './call.ts';
import { AnswerTooLarge } from './error-answer.ts';

/** How many items are worked on at once: some milliseconds of work, after which other requests have their turn. */
const ITEMS_OF_TURN = 50;
/** Of large items there are fewer in a turn. */
const CHARACTERS_OF_TURN = 256 * 1_024;
/** What stands around the records of an answer has room beside them. */
const MAX_LIST_BYTES = MAX_ANSWER_BYTES - 1_024;

/** Makes something of each item, with a turn of the event loop for others between batches. */
export const inTurns = async <T, R>(
  items: readonly T[],
  work: (item: T) => R,
  charactersOf: (made: R) => number = () => 0,
): Promise<readonly R[]> => {
  const made: R[] = [];
  let itemsOfTurn = 0;
  let characters = 0;
  for (const item of items) {
    if (itemsOfTurn >= ITEMS_OF_TURN || characters >= CHARACTERS_OF_TURN) {
      await nextTurn();
      itemsOfTurn = 0;
      characters = 0;
    }
    const one = work(item);
    made.push(one);
    itemsOfTurn += 1;
    characters += charactersOf(one);
  }
  return made;
};

/** The records of an answer as JSON, as many as one answer may have. */
class WrittenRecords {
  readonly texts: string[] = [];
  #bytes = 0;

  /** The characters of the record; undefined where it would make the answer too large, and is left out. */
  add(record: JsonObject): number | undefined {
    const text = JSON.stringify(record);
    const bytes = Buffer.byteLength(text) + 1;
    if (this.#bytes + bytes > MAX_LIST_BYTES) return undefined;
    this.#bytes += bytes;
    this.texts.push(text);
    return text.length;
  }
}

/** Records as JSON, written some at a time; throws {@link AnswerTooLarge} where they are more than one answer may have. */
export const writtenInTurns = async <T>(
  items: readonly T[],
  recordOf: (item: T) => JsonObject,
): Promise<readonly string[]> => {
  const records = new WrittenRecords();
  const write = (item: T): number => {
    const characters = records.add(recordOf(item));
    if (characters === undefined) throw new AnswerTooLarge();
    return characters;
  };
  await inTurns(items, write, (characters) => characters);
  return records.texts;
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
 * time, with turns for others in between, and where all documents are meant, for those of the page alone. A page ends before its size where the answer
 * would be too large, and its cookie leads on; a client that asks for no pages would take it for all there is, and is refused instead.
 */
export const answerQuery = async <T>(
  call: Pick<Call, 'query'>,
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
  let end = size === 0 ? Infinity : begin + size;
  let hits = 0;
  const records = new WrittenRecords();
  /** Writes the next hit, if the page has room for it; gives the characters of what was written. */
  const write = (record: JsonObject): number => {
    const characters = records.add(pickFields(record, _fields));
    if (characters === undefined && size === 0) throw new AnswerTooLarge();
    if (characters === undefined) end = begin + records.texts.length;
    return characters ?? 0;
  };
  if (filter.op === 'literal' && filter.value) {
    hits = documents.length;
    const ofPage = documents.slice(begin, end);
    // Behind the last one that has room none is made.
    const writeNext = (document: T) => (end < begin + ofPage.length ? 0 : write(recordOf(document)));
    await inTurns(ofPage, writeNext, (characters) => characters);
  } else {
    const compared = new ComparedCharacters();
    for (const document of documents) {
      const record = recordOf(document);
      const passes = await passesFilter(filter, {
        read: valuesAt(record),
        take: (characters) => compared.take(characters),
      });
      if (passes === undefined) {
        return badRequest(`${COMPARES_TOO_MUCH} Use fewer comparisons, or fields with shorter values.`, '_queryFilter');
      }
      if (!passes) continue;
      if (hits >= begin && hits < end) write(record);
      hits += 1;
    }
  }
  return ok(
    writeQueryResult(records.texts, {
      ...(end < hits && { cookie: String(end) }),
      ...(call.query._totalPagedResultsPolicy === 'EXACT' && { total: hits }),
    }),
  );
};
