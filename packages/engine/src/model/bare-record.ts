/** Values by name, none of them inherited: a name may be anything, `constructor` and `__proto__` too. */
export type BareRecord = Record<string, unknown>;

/**
 * An object right above no prototype, `Object.create(null)`, is a hash table: four times as slow to copy and to write as
 * JSON as one that is a step further from it.
 */
const NOTHING: object = Object.freeze(Object.create(null));

/** A copy of the own values. */
export const bareRecord = (from?: Readonly<Record<string, unknown>>): BareRecord => {
  const record = Object.create(NOTHING) as BareRecord;
  if (from !== undefined) for (const name of Object.keys(from)) record[name] = from[name];
  return record;
};

export const isEmptyRecord = (record: Readonly<Record<string, unknown>>): boolean => {
  for (const _ in record) return false;
  return true;
};
