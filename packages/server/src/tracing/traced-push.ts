import type { PushDispatcher, PushMessage, PushObserver } from '@assent/push';
import { type SpanContext, SpanKind, trace } from '@opentelemetry/api';
import { noteError, type Spans } from './spans.ts';

/**
 * Spans for what is sent to phones. A message is sent after its request was answered, and apart from it, so that its span is a trace of
 * its own, with a link to what has written it. The link is kept in memory with the row: whoever takes a message from the table has none.
 */
export const tracedPush = (spans: Spans) => {
  const writers = new WeakMap<object, SpanContext>();
  const handOver = <T>(rows: readonly PushMessage[], send: () => T): T => {
    const writer = trace.getActiveSpan()?.spanContext();
    if (writer !== undefined) for (const row of rows) writers.set(row, writer);
    return spans.apart(send);
  };
  return {
    observer: (plain: PushObserver): PushObserver => ({
      ...plain,
      call(provider, run, message) {
        const writer = message && writers.get(message);
        return spans.run(
          `push.send ${provider.communicationType}`,
          {
            kind: SpanKind.CLIENT,
            attributes: { 'assent.realm': provider.realm, 'assent.push.provider': provider.provider },
            ...(writer && { links: [{ context: writer }] }),
            came(span, result) {
              span.setAttribute('assent.outcome', result.status);
              if (result.status === 'failed') noteError(span, result.cause);
            },
          },
          () => plain.call(provider, run, message),
        );
      },
    }),
    dispatcher: (plain: PushDispatcher): PushDispatcher => ({
      dispatch: (rows, whenOver) => handOver(rows, () => plain.dispatch(rows, whenOver)),
      sendNow: (rows, withinMillis) => handOver(rows, () => plain.sendNow(rows, withinMillis)),
      recover: (isStart) => plain.recover(isStart),
      idle: () => plain.idle(),
      stop: () => plain.stop(),
    }),
  };
};
