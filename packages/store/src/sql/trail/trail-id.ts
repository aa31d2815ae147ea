const MAX_NUMBER = 2 ** 48;

/** The time in front, as a UUID of version 7 has it. */
const timeOf = (at: number): string => {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
};

/** Below the ids of all rows that happened at that time or later, and above those of rows before. */
export const firstIdOf = (at: number): string => `${timeOf(at)}-0000-0000-000000000000`;

/**
 * The id of a row of the trail that goes by a number: of its time and that number, a UUID of version 7, the same for the same row each time, and
 * in the order of the numbers within a millisecond (OPS-63, RFC 9562 §5.7).
 */
export const trailIdOf = (at: number, number: number): string => {
  if (!Number.isSafeInteger(number) || number < 0 || number >= MAX_NUMBER)
    throw new TypeError('a row of the trail has no number');
  return `${timeOf(at)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
};
