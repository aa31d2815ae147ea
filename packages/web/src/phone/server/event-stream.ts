/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** More without a line break is no event of ours. */
const MAX_LINE_LENGTH = 65_536;

/**
 * The events of a stream, wherever the network cut it. The browser's own `EventSource` cannot send a token in a header,
 * and a token in an address would be written to logs. @see WHATWG HTML §9.2.6
 */
export async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent | undefined> {
  const reader = stream.getReader();
  // Also takes away the mark that may stand at the beginning.
  const decoder = new TextDecoder();
  let line = '';
  let event = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // Whatever came says that the other side is there.
      yield undefined;
      const lines = `${line}${decoder.decode(value, { stream: true })}`.split(/\r\n|\n|\r(?=[^\n])/);
      line = lines.pop() ?? '';
      if (line.length > MAX_LINE_LENGTH) throw new RangeError('The event stream has a line without end.');
      for (const it of lines) {
        if (it === '') {
          if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
          event = '';
          data = [];
          continue;
        }
        const colon = it.indexOf(':');
        if (colon === 0) continue;
        const field = colon < 0 ? it : it.slice(0, colon);
        const text = colon < 0 ? '' : it.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') event = text;
        if (field === 'data') data.push(text);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
