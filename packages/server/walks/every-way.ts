/** A callback of a step, as the REST contract has it. */
export interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

export interface Answer {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly Callback[];
}

/** The value of that output of the first callback of a type. */
export const outputOf = (callbacks: readonly Callback[], type: string, name: string): unknown =>
  callbacks.find((callback) => callback.type === type)?.output.find((it) => it.name === name)?.value;

/** The callbacks with their inputs filled in, by the type of the callback. */
export const filledIn = (
  callbacks: readonly Callback[],
  values: Readonly<Record<string, unknown>>,
): readonly Callback[] =>
  callbacks.map((callback) =>
    Object.hasOwn(values, callback.type)
      ? { ...callback, input: callback.input?.map((it) => ({ ...it, value: values[callback.type] })) ?? [] }
      : callback,
  );

/** Each kind alone, and each 2 of them. */
export const oneAndTwoOf = <T>(kinds: readonly T[]): readonly (readonly T[])[] => [
  ...kinds.map((kind) => [kind]),
  ...kinds.flatMap((kind, at) => kinds.slice(at + 1).map((other) => [kind, other])),
];

/** Which of so many choices a walk takes at a step. */
export type Chosen = (step: number, choices: number) => number;

/** One walk for each way through a journey: what a walk does not choose at a step, a later walk does. */
export function* everyWay(journey: string, most: number): Generator<Chosen> {
  const open: (readonly number[])[] = [[]];
  let runs = 0;
  for (let way = open.shift(); way !== undefined; way = open.shift()) {
    const taken = way;
    runs += 1;
    if (runs > most) throw new RangeError(`${journey} has more ways than ${most}.`);
    yield (step, choices) => {
      if (step < taken.length) return taken[step] ?? 0;
      const before = [...taken, ...Array.from({ length: step - taken.length }, () => 0)];
      for (let other = 1; other < choices; other += 1) open.push([...before, other]);
      return 0;
    };
  }
}
