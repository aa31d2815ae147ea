/** Whether two values have the same JSON text: members in another order make another one. */
export const sameJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
