const TRANSACTION_ID = /^[\w/.-]{1,64}$/;

/** The caller's transaction id where it is harmless, else a new one (design.md §3.3 "log line"). */
export const transactionIdOf = (header: unknown, uuid: () => string): string =>
  typeof header === 'string' && TRANSACTION_ID.test(header) ? header : uuid();
