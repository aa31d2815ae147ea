/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

const MAX_PENDING_LENGTH = 262_144;

/** Reads an event stream piece by piece, wherever the network cut it (HTML Living Standard §9.2.6). */
export function createSseParser(): { push(chunk: string): readonly StreamEvent[] } {
  let buffer = '';
  let event = '';
  let data: string[] = [];
  let isStart = true;

  return {
    push(chunk) {
      buffer += isStart && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk;
      if (chunk !== '') isStart = false;
      if (buffer.length > MAX_PENDING_LENGTH) throw new RangeError('The event stream has a line without end.');
      const events: StreamEvent[] = [];
      for (;;) {
        // A CR at the very end may be half of a CRLF: wait for what follows.
        const end = /\r\n|\n|\r(?=[^\n])/.exec(buffer);
        if (end === null) return events;
        const line = buffer.slice(0, end.index);
        buffer = buffer.slice(end.index + end[0].length);
        if (line === '') {
          if (data.length > 0) events.push({ event: event === '' ? 'message' : event, data: data.join('\n') });
          event = '';
          data = [];
          continue;
        }
        const colon = line.indexOf(':');
        if (colon === 0) continue;
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') event = value;
        if (field === 'data') data.push(value);
      }
    },
  };
}
