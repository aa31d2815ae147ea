import pg from 'pg';
import type { Call, ColumnValue, Row } from '../sql/verbs/verb.ts';
import { namedTextOf } from './texts.ts';
import { type Parser, parserOf } from './value-parsers.ts';

/** A column of an answer, as the server describes it. */
interface Column {
  readonly dataTypeID: number;
}

const read = (text: string | null | undefined, parse: Parser): ColumnValue =>
  text === null || text === undefined ? null : parse(text);

/**
 * A statement on its way, whose rows are lists of values. The driver's own query makes an object with a member for each column
 * of each answer; a login has some fifty answers of up to thirty columns (docs/adr/0081).
 *
 * The handlers are those by which the driver hands a query what the server says (`Submittable`); all others are its own.
 */
class StatementQuery extends pg.Query {
  readonly found: Row[] = [];
  #parsers: readonly Parser[] = [];
  #failure: unknown;

  /** Why a row could not be read; undefined where all could. */
  get failure(): unknown {
    return this.#failure;
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    try {
      this.found.push(this.#parsers.map((parse, at) => read(fields[at], parse)));
    } catch (failure) {
      // An exception here would be one of the socket, and end the process.
      this.#failure ??= failure;
    }
  }
}

/** Sends a statement by a connection; resolves to what it wants, and rejects as the driver does. */
export const sendStatement = (client: pg.ClientBase, { wants, statement, values }: Call): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const query: StatementQuery = new StatementQuery(
      { ...namedTextOf(statement), values: values as unknown[] },
      (error, result) => {
        const failure = error ?? query.failure;
        if (failure) reject(failure);
        else resolve(wants === 'count' ? (result.rowCount ?? 0) : wants === 'row' ? query.found[0] : query.found);
      },
    );
    client.query(query);
  });
