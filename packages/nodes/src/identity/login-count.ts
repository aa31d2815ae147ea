/** The attribute that counts a user's logins. */
export const LOGIN_COUNT_ATTRIBUTE = 'loginCount';

/** Undefined where nothing was counted yet. */
export const countOf = (values: readonly string[] = []): number | undefined => {
  const count = Number(values[0] ?? Number.NaN);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
};
