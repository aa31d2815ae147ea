/** Changes each object, list and map that can be reached, where it is: nobody else may see any of it. */
export const changeAll = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Map || value instanceof Set) {
    for (const member of value.values()) changeAll(member);
    value.clear();
    return;
  }
  for (const member of Object.values(value)) changeAll(member);
  if (Array.isArray(value)) value.push('more');
  else Object.assign(value, { more: 'more' });
};
