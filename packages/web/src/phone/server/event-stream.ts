import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** More without a line break is no event of ours. */
const MAX_LINE_LENGTH = 65_536;

/**
 * The events of a stream, wherever the network cut it; `undefined` for whatever else came, which says that the other side is
 * there. The browser's own `EventSource` cannot send a token in a header, and a token in an address would be written to logs.
 */
export async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent | undefined> {
  const reader = stream.getReader();
  // Also takes away the mark that may stand at the beginning.
  const decoder = new TextDecoder();
  let come: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => come.push(event) });
  let lineLength = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      const lineBreak = text.lastIndexOf('\n');
      lineLength = lineBreak < 0 ? lineLength + text.length : text.length - lineBreak - 1;
      if (lineLength > MAX_LINE_LENGTH) throw new RangeError('The event stream has a line without end.');
      parser.feed(text);
      yield undefined;
      for (const { event = 'message', data } of come) yield { event, data };
      come = [];
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
