import type { JsonObject } from '@assent/wire';
import type { Call } from '../http/call.ts';
import type { Privilege } from './access.ts';
import { type Caller, mayDo } from './administration.ts';

/**
 * Who reads a document: a `writer` may write it, and sees all of it but its secrets. An `onlooker` sees no value of a member that this server does
 * not know, because it may be a secret of another product (SEC-72). Each function that shows a document takes it, so that no route forgets it.
 */
export type Reader = 'writer' | 'onlooker';

export const readerOf = (call: Pick<Call, 'realmPath'>, caller: Caller, mayWrite: Privilege): Reader =>
  mayDo(caller, call.realmPath, mayWrite) ? 'writer' : 'onlooker';

/** Members that the server itself makes, for every kind of document. */
const MADE_HERE: ReadonlySet<string> = new Set(['_id', '_rev', '_type', '_outcomes']);

/** The document for that reader: an onlooker sees the same members, with values for those alone that are known to be no secret. */
export const shownTo = (reader: Reader, record: JsonObject, isKnown: (name: string) => boolean): JsonObject =>
  reader === 'writer'
    ? record
    : Object.fromEntries(
        Object.entries(record).map(([name, value]) => [name, MADE_HERE.has(name) || isKnown(name) ? value : null]),
      );
