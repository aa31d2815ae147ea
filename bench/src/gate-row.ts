import { formatTable } from './text-table.ts';

/**
 * Floors that each of them cost when the figure was recorded. Lower a figure when a change makes it cheaper; raise it only with a line in
 * `.changeset` that gives the reason.
 */
const RECORDED = { login: 3.4, registration: 3.1 } as const;

/** A figure may exceed the recorded one by this factor: one commit varies by a fifth. */
const TOLERANCE = 1.25;

export interface GateRow {
  readonly what: string;
  /** CPU time of all rounds by that of the floor. */
  readonly floors: number;
  readonly recorded: number;
  readonly limit: number;
  readonly isKept: boolean;
}

/**
 * Compares the sums over all rounds. The rounds are short and alternate with those of the floor, so that a slow moment of the machine falls on both;
 * the ratio of a single round varies by a third.
 */
export const gateRow = (
  what: keyof typeof RECORDED,
  micros: readonly number[],
  floorMicros: readonly number[],
): GateRow => {
  const floors = sum(micros) / sum(floorMicros);
  const recorded = RECORDED[what];
  const limit = recorded * TOLERANCE;
  // Written so that NaN and Infinity, which rounds without a figure give, exceed the limit.
  return { what, floors, recorded, limit, isKept: floors <= limit };
};

const sum = (values: readonly number[]): number => values.reduce((total, it) => total + it, 0);

export const gateTable = (rows: readonly GateRow[]): string =>
  formatTable([
    ['what', 'keeps', 'floors', 'recorded', 'limit', ''],
    ...rows.map(({ what, floors, recorded, limit, isKept }) => [
      what,
      isKept ? 'yes' : 'NO',
      floors.toFixed(2),
      recorded.toFixed(2),
      limit.toFixed(2),
      isKept ? '' : 'costs more CPU than recorded: profile it with ASSENT_BENCH_CPU_PROFILES',
    ]),
  ]);
