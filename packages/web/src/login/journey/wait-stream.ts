/** How a wait for the phone ended. `dropped`: the stream broke; `refused`: there is none to be had, so the page polls. */
export type WaitEnd = 'ready' | 'expired' | 'withdrawn' | 'unreachable' | 'dropped' | 'refused';

/** The server writes every 15 s. A stream that is silent for so long is dead, whatever the socket says. */
const SILENCE_MILLIS = 40_000;
/** More than this is no stream of ours. */
const MAX_UNREAD_LENGTH = 64 * 1024;

const newsEvents: ReadonlySet<string> = new Set<WaitEnd>(['ready', 'expired', 'withdrawn', 'unreachable']);

/**
 * Reads the server's stream of a waiting step up to its one event (WHATWG HTML §9.2). Only the name of that event
 * counts, so that the page does without a whole parser of such streams. @see docs/adr/0015, docs/adr/0058
 */
export const waitFor = async (
  open: (alive: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
): Promise<WaitEnd> => {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => ended.abort(), SILENCE_MILLIS);
  };
  const leave = (): void => ended.abort();
  signal.addEventListener('abort', leave);
  heard();
  try {
    const response = await open(ended.signal);
    if (!response.ok || response.body === null) {
      ended.abort();
      return 'refused';
    }
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'dropped';
      heard();
      text += decoder.decode(value, { stream: true });
      const event = /^event: ?(\w+)$/m.exec(text)?.[1];
      if (event !== undefined && newsEvents.has(event)) {
        ended.abort();
        return event as WaitEnd;
      }
      if (text.length > MAX_UNREAD_LENGTH) return 'refused';
      // Only the last, unfinished line is still of interest.
      text = text.slice(text.lastIndexOf('\n') + 1);
    }
  } catch {
    return 'dropped';
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
};
