/** What happened to a message, in the words of its trace. */
export type TraceStep =
  | 'queued'
  | 'fetchable'
  | 'takenOver'
  | 'deferred'
  | 'sent'
  | 'failed'
  | 'unreachable'
  | 'shown'
  | 'approved'
  | 'denied'
  | 'consumed'
  | 'closed';

/** When a change was committed, and by which instance. */
export interface MessageMoment {
  readonly at: number;
  readonly by: string;
}

/** One line of the trace of a message; `cause` is a word of ours or of a provider, never an address or a secret (OPS-50). */
export interface TraceEntry extends MessageMoment {
  readonly step: TraceStep;
  readonly cause?: string | undefined;
}

/** Some twice as much as the longest way of a message comes to; what is beyond that is not noted. */
export const MAX_TRACE_LENGTH = 4_000;
const MAX_CAUSE_LENGTH = 64;

/** What a transition adds to the trace of its message. */
export const stepOfTransition = (
  { state, reason }: { readonly state: 'pending' | TraceStep; readonly reason: string | undefined },
  moment: MessageMoment | undefined,
): TraceEntry | undefined =>
  moment === undefined || state === 'pending' ? undefined : { ...moment, step: state, cause: reason };

/** An entry as rows have it: a line that is added to those before it, so that noting it takes no look at them. */
export const traceLine = (entry: TraceEntry | undefined): string =>
  entry === undefined
    ? ''
    : `${JSON.stringify([entry.step, entry.at, entry.by, entry.cause?.slice(0, MAX_CAUSE_LENGTH)])}\n`;

/** The entries of a row, oldest first. */
export const readTrace = (lines: string): readonly TraceEntry[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [step, at, by, cause] = JSON.parse(line) as [TraceStep, number, string, string | null];
      return { step, at, by, ...(cause !== null && { cause }) };
    });

/** What a newer request does to those before it happens as it is committed, by the instance that its own first entry names. */
export const momentOfNewer = ({
  createdAt,
  trace,
}: {
  readonly createdAt: number;
  readonly trace?: string | undefined;
}): MessageMoment | undefined => {
  const [first] = readTrace(trace ?? '');
  return first && { at: createdAt, by: first.by };
};
