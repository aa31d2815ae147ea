/** How a wait for the phone ended. `dropped`: the stream broke; `refused`: there is none to be had, so the page polls. */
export type WaitEnd = 'ready' | 'expired' | 'withdrawn' | 'dropped' | 'refused';

/** The server writes every 15 s. A stream that is silent for so long is dead, whatever the socket says. */
const silence = 40_000;
/** More than this is no stream of ours. */
const longest = 64 * 1024;

const news: ReadonlySet<string> = new Set<WaitEnd>(['ready', 'expired', 'withdrawn']);

/** Reads the server's stream of a waiting step up to its one event (WHATWG HTML §9.2). @see docs/adr/0015 */
export const waitFor = async (
  open: (alive: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
): Promise<WaitEnd> => {
  const own = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => own.abort(), silence);
  };
  const leave = (): void => own.abort();
  signal.addEventListener('abort', leave);
  heard();
  try {
    const response = await open(own.signal);
    if (!response.ok || response.body === null) {
      own.abort();
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
      if (event !== undefined && news.has(event)) {
        own.abort();
        return event as WaitEnd;
      }
      if (text.length > longest) return 'refused';
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
