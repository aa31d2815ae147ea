import { JourneyError } from '@assent/engine';
import {
  type Attributes,
  type Context,
  context,
  type Link,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { PRODUCT } from '../platform/product.ts';

export interface SpanOfWork<T> {
  readonly kind?: SpanKind;
  readonly attributes: Attributes;
  readonly links?: Link[];
  /** What is under way where absent. */
  readonly parent?: Context;
  /** Says of the span what came of it. */
  readonly came?: (span: Span, result: Awaited<T>) => void;
  /** Says more of it than that it has failed. */
  readonly failed?: (span: Span, error: unknown) => void;
}

/** A login that is refused is what a login server is for: these alone are faults of ours, or of those who run us. */
const FAULTS: ReadonlySet<string> = new Set(['NODE_FAILED', 'NODE_INPUT_MISSING', 'OVERLOADED']);

/** What kind of error it is, by what stands in programs alone: its words may say whose password was wrong. */
const typeOf = (error: unknown): string =>
  error instanceof JourneyError ? error.code : error instanceof Error ? error.constructor.name : '_OTHER';

/** Says what went wrong by a word that no caller has chosen; `isFault` where it is no answer like any other. */
export const noteError = (span: Span, type: string, isFault = true): void => {
  span.setAttribute('error.type', type);
  if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
};

/** Runs work within spans, which end with it on every way out. */
export class Spans {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** One that somebody else ends. */
  begin(name: string, options: { readonly kind: SpanKind; readonly attributes: Attributes }, parent: Context): Span {
    return this.#tracer.startSpan(name, options, parent);
  }

  /** Notes an exception; not its message, nor where it was thrown. */
  fail(span: Span, error: unknown): void {
    noteError(span, typeOf(error), !(error instanceof JourneyError) || FAULTS.has(error.code));
  }

  /** Runs `work` once and at once, and settles as it does. */
  run<T>(name: string, options: SpanOfWork<T>, work: () => T): T {
    const { kind = SpanKind.INTERNAL, attributes, links = [], parent = context.active(), came, failed } = options;
    const span = this.#tracer.startSpan(name, { kind, attributes, links }, parent);
    const onResult = (result: Awaited<T>): void => {
      came?.(span, result);
      span.end();
    };
    const onError = (error: unknown): void => {
      this.fail(span, error);
      failed?.(span, error);
      span.end();
    };
    let result: T;
    try {
      result = context.with(trace.setSpan(parent, span), work);
    } catch (error) {
      onError(error);
      throw error;
    }
    if (!(result instanceof Promise)) {
      onResult(result as Awaited<T>);
      return result;
    }
    return result.then(
      (value) => {
        onResult(value);
        return value;
      },
      (error: unknown) => {
        onError(error);
        throw error;
      },
    ) as T;
  }

  /** As {@link run} does, within what is traced; what the server does by itself every second is no trace. */
  runWithin<T>(name: string, options: SpanOfWork<T>, work: () => T): T {
    return trace.getActiveSpan() === undefined ? work() : this.run(name, options, work);
  }

  /** Runs what is of no request, though one of them happens to set it off. */
  readonly apart = <T>(work: () => T): T => context.with(ROOT_CONTEXT, work);
}

/**
 * Spans for whoever has loaded an SDK of OpenTelemetry before this server; without one there are none, and nothing that could make some
 * stands around what is done (OPS-56). A provider that is not the API's own placeholder was registered by another copy of the API.
 */
export const registeredSpans = (): Spans | undefined => {
  const provider = trace.getTracerProvider();
  const tracer =
    provider instanceof ProxyTracerProvider
      ? provider.getDelegateTracer('assent', PRODUCT.version)
      : provider.getTracer('assent', PRODUCT.version);
  return tracer && new Spans(tracer);
};

/** The trace that is under way, where somebody records it: an id that leads nowhere is of no use in the log (OPS-57). */
export const recordedTraceId = (): string | undefined => {
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? span.spanContext().traceId : undefined;
};
