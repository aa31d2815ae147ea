import { context, propagation, type Span, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';

/** A span, and those that are within it, in the order in which they began. */
export interface SpanTree {
  readonly span: ReadableSpan;
  readonly within: readonly SpanTree[];
}

/** The SDK that an operator would load, with what it was handed. */
export class RecordedSpans {
  readonly #exporter = new InMemorySpanExporter();
  readonly #open = new Set<Span>();

  constructor(sampler?: Sampler) {
    const watch: SpanProcessor = {
      onStart: (span) => void this.#open.add(span),
      onEnd: (span) => void this.#open.delete(span as unknown as Span),
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    const spanProcessors = [watch, new SimpleSpanProcessor(this.#exporter)];
    new NodeTracerProvider({ spanProcessors, ...(sampler && { sampler }) }).register();
  }

  /** Those that have ended. */
  get all(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** How many have begun and not ended. */
  get open(): number {
    return this.#open.size;
  }

  forget(): void {
    this.#exporter.reset();
  }

  within(parent: ReadableSpan | undefined): readonly SpanTree[] {
    const id = parent?.spanContext().spanId;
    return this.all
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === id)
      .toSorted((one, other) => one.startTime[0] - other.startTime[0] || one.startTime[1] - other.startTime[1])
      .map((span) => ({ span, within: this.within(span) }));
  }

  stop(): void {
    trace.disable();
    context.disable();
    propagation.disable();
  }
}
