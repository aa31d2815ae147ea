import type { OutboxRow } from '@assent/engine/host';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { noteError, type Spans } from './spans.ts';

interface Sender {
  send(row: OutboxRow): Promise<{ readonly status: string }>;
}

/** A sender with a span for each try: a trace of its own, as an entry may be tried a day later and by another instance. */
export const tracedSender = <S extends Sender>(spans: Spans, sender: S, kind: string): S => ({
  ...sender,
  send: (row) =>
    spans.run(
      `outbox ${kind}`,
      {
        kind: SpanKind.CLIENT,
        attributes: { 'assent.realm': row.realm },
        parent: ROOT_CONTEXT,
        came(span, { status }) {
          span.setAttribute('assent.outcome', status);
          // The cause may be in words of the receiver.
          if (status !== 'settled') noteError(span, status);
        },
      },
      () => sender.send(row),
    ),
});
