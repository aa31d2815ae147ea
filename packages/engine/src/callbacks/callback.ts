import { z } from 'zod';

/** How a value is spelled on the wire. */
export type WireSpelling = 'asis' | 'string';

/** One entry of a callback's `output`. */
export interface OutputField {
  readonly name: string;
  readonly wire: WireSpelling;
  /** It is not written where it has no value. */
  readonly isOptional?: boolean;
}

/** A callback as a journey keeps it: the type, what the client is shown, and what its inputs start as. */
export interface SentCallback {
  readonly type: string;
  readonly output: Readonly<Record<string, unknown>>;
  /** Initial input values by suffix; the main input has the suffix ''. Absent for a read-only callback. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** The page's own number for it; only on callbacks that a page node sends. */
  readonly pageId?: number;
  /** Members of `assent` beside the step, which our own pages get and no other client (design.md §3.2); of this visit alone. */
  readonly forPages?: Readonly<Record<string, unknown>>;
}

/** What came back for one sent callback: by suffix, already checked. */
export type CallbackAnswer = Readonly<Record<string, unknown>>;

export interface CallbackDefinition<Output = Record<string, unknown>, Answer = unknown> {
  (output: Output): SentCallback;
  readonly type: string;
  readonly outputs: readonly OutputField[];
  /** Parsers by input suffix, empty for a read-only callback. */
  readonly inputs: ReadonlyMap<string, z.ZodType>;
  readonly answerOf: (answer: CallbackAnswer) => Answer;
}

type Shape = Record<string, z.ZodType>;
type OutputOf<O extends Shape> = z.infer<z.ZodObject<O>>;
type AnswerOf<I> = I extends z.ZodType ? z.infer<I> : I extends Shape ? { [K in keyof I]: z.infer<I[K]> } : true;

interface CallbackSpec<O extends Shape, I extends z.ZodType | Shape | undefined> {
  readonly type: string;
  /** In wire order; `.meta({ wire: 'string' })` sends a number as text. */
  readonly output: O;
  /** One schema, or several by name: `value` is the main input, the others are suffixes. Absent: read-only. */
  readonly input?: I;
  readonly initial?: (output: OutputOf<O>) => Record<string, unknown> | string | number | boolean | null;
}

const isSchema = (value: unknown): value is z.ZodType => typeof value === 'object' && value !== null && '_zod' in value;

/** Declares a callback once: its constructor, its wire shape and its answer's type come from here. */
export const defineCallback = <O extends Shape, const I extends z.ZodType | Shape | undefined = undefined>(
  spec: CallbackSpec<O, I>,
): CallbackDefinition<OutputOf<O>, AnswerOf<I>> => {
  const outputs = Object.entries(spec.output).map(([name, schema]) => ({
    name,
    wire: (schema.meta()?.wire ?? 'asis') as WireSpelling,
    ...(schema instanceof z.ZodOptional && { isOptional: true }),
  }));
  const inputs = new Map<string, z.ZodType>();
  const single = isSchema(spec.input);
  if (isSchema(spec.input)) inputs.set('', spec.input);
  else for (const [name, schema] of Object.entries(spec.input ?? {})) inputs.set(name === 'value' ? '' : name, schema);

  const make = (output: OutputOf<O>): SentCallback => {
    if (inputs.size === 0) return { type: spec.type, output };
    const initial = spec.initial?.(output) ?? '';
    return {
      type: spec.type,
      output,
      input: typeof initial === 'object' && initial !== null ? initial : { '': initial },
    };
  };
  const answerOf = (answer: CallbackAnswer): AnswerOf<I> => {
    if (inputs.size === 0) return true as AnswerOf<I>;
    if (single) return answer[''] as AnswerOf<I>;
    return Object.fromEntries([...inputs.keys()].map((name) => [name || 'value', answer[name]])) as AnswerOf<I>;
  };
  return Object.assign(make, { type: spec.type, outputs, inputs, answerOf });
};
