/** So many of something, in words: `1 phone`, `2 phones`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
