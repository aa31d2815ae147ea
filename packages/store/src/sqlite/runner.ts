import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangeTable, ChangeType } from '../ports/store.ts';
import {
  type Call,
  type ChangeVerbs,
  type ColumnValue,
  rowsReturned,
  type SqlValue,
  type Statement,
  type Verb,
} from '../sql/verbs/verb.ts';
import type { Database, PreparedStatement } from './driver.ts';

/** What SQLite says for the words in braces. It has one writer, so that nobody needs to lock a row against another. */
const WORDS: Readonly<Record<string, string>> = {
  lock: '',
  share: '',
  any: '(SELECT value FROM json_each(?))',
  once: '',
  end: '',
  off: "settings ->> 'active' = 0",
  lock_table: 'SELECT 1 FROM',
  exclusively: 'LIMIT 1',
  table_id: '0',
  detail_hash: 'detail_hash_of(salt, detail)',
};

/** The text of a statement as SQLite takes it; `= {any}` and `= {once}` are `IN` there. */
/** @internal A test explains each. */
export const textFor = ({ text }: Statement): string =>
  text.replaceAll(/= (?=\{(?:any|once)\})/g, 'IN ').replaceAll(/\{(\w+)\}/g, (_, word: string) => {
    const ours = WORDS[word];
    if (ours === undefined) throw new TypeError(`no database has a word for {${word}}`);
    return ours;
  });

/** A list goes to SQLite as JSON. */
const columnValueOf = (value: SqlValue): ColumnValue =>
  value === null || typeof value !== 'object' || value instanceof Uint8Array ? value : JSON.stringify(value);

export interface Runner {
  /** Executes the statements of a verb one after the other, at once: SQLite answers within the call. */
  <T>(verb: Verb<T>): T;
  /** Runs a verb that only reads: one that asks for a turn goes on in the next one of the event loop. */
  inTurns<T>(verb: Verb<T>): T | Promise<T>;
}

type Step<T> = IteratorResult<Call | readonly Call[], T>;

/** `onStatement` is told of each statement, with the number of rows that it returned. */
export const createRunner = (db: Database, onStatement: (rows: number) => void = () => undefined): Runner => {
  const prepared = new Map<Statement, PreparedStatement>();
  const preparedFor = (statement: Statement): PreparedStatement => {
    const known = prepared.get(statement);
    if (known !== undefined) return known;
    const made = db.prepare(textFor(statement));
    prepared.set(statement, made);
    return made;
  };
  const execute = ({ wants, statement, values }: Call): unknown => {
    const ready = preparedFor(statement);
    const given = values.map(columnValueOf);
    if (wants === 'count') return ready.run(...given);
    return wants === 'row' ? ready.get(...given) : ready.all(...given);
  };
  const answer = (call: Call): unknown => {
    const answered = execute(call);
    onStatement(rowsReturned([call], [answered]));
    return answered;
  };
  const next = <T>(verb: Verb<T>, calls: Call | readonly Call[]): Step<T> =>
    verb.next('wants' in calls ? answer(calls) : calls.map(answer));
  /** Executes a verb until it is done, or asks for a turn. */
  const untilTurn = <T>(verb: Verb<T>, begun: Step<T>): Step<T> => {
    let step = begun;
    while (step.done !== true && ('wants' in step.value || step.value.length > 0)) step = next(verb, step.value);
    return step;
  };
  const now = <T>(verb: Verb<T>): T => {
    let step = verb.next();
    while (step.done !== true) step = next(verb, step.value);
    return step.value;
  };
  const afterTurns = async <T>(verb: Verb<T>, begun: Step<T>): Promise<T> => {
    let step = begun;
    while (step.done !== true) {
      await nextTurn();
      step = untilTurn(verb, next(verb, step.value));
    }
    return step.value;
  };
  const inTurns = <T>(verb: Verb<T>): T | Promise<T> => {
    const step = untilTurn(verb, verb.next());
    return step.done === true ? step.value : afterTurns(verb, step);
  };
  return Object.assign(now, { inTurns });
};

/** The changes of all topics, each applied at once. */
export const changesNow = (verbs: ChangeVerbs<ChangeType>, run: Runner): ChangeTable =>
  Object.fromEntries(
    Object.entries(verbs as Record<string, (change: never) => Verb<boolean>>).map(([type, verb]) => [
      type,
      (change: never) => run(verb(change)),
    ]),
  ) as ChangeTable;
