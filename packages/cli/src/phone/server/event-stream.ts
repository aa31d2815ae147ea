import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** More without a line break is no event of ours. */
const MAX_LINE_LENGTH = 262_144;

/** Reads an event stream piece by piece, wherever the network cut it. */
export function eventReader(): { push(bytes: Uint8Array): readonly StreamEvent[] } {
  let come: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => come.push(event) });
  // Also takes away the mark that may stand at the beginning.
  const decoder = new TextDecoder();
  let lineLength = 0;
  return {
    push(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      const lineBreak = text.lastIndexOf('\n');
      lineLength = lineBreak < 0 ? lineLength + text.length : text.length - lineBreak - 1;
      if (lineLength > MAX_LINE_LENGTH) throw new RangeError('The event stream has a line without end.');
      come = [];
      parser.feed(text);
      return come.map(({ event = 'message', data }) => ({ event, data }));
    },
  };
}
