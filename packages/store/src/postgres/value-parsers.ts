import pg from 'pg';
import type { ColumnValue } from '../sql/verbs/verb.ts';

/** Makes a value of the text in which the server sends it. */
export type Parser = (text: string) => ColumnValue;

const INT8 = 20;
const NUMERIC = 1700;

/** Whole numbers up to 2^53 are numbers here, whatever the server counts in; a greater one is a mistake (OPS-15). */
const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TypeError('the database has a number that is none of ours');
  return value;
};

/** How values of a type are read, by the number that the server has for it. */
export const parserOf = (oid: number): Parser =>
  oid === INT8 || oid === NUMERIC ? wholeNumber : pg.types.getTypeParser(oid, 'text');
