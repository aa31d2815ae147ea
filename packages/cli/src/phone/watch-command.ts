import { oneAccount, pushAccounts, relayAccounts, rememberOffset } from './account-choice.ts';
import type { PushAccount } from './account-store.ts';
import { type RequestOptions, requestFromFile } from './find-request.ts';
import { EXIT, type ExitCode, PhoneError } from './phone-error.ts';
import { printError, type Session } from './phone-session.ts';
import { openMessage, type PushRequest } from './push-message.ts';
import { type RelayEvent, watchRelay } from './relay-watch.ts';
import { markShown } from './server-calls.ts';
import { NEVER, show } from './show-request.ts';

/** `assent phone watch`: shows requests as they come, until Ctrl+C. */
export async function watch(
  session: Session,
  options: RequestOptions & { readonly once?: boolean },
): Promise<ExitCode> {
  const { io, store, isJson } = session;
  const interrupt = new AbortController();
  const stopListening = io.onInterrupt(() => interrupt.abort());
  try {
    const accounts = pushAccounts(store.load().accounts);
    const chosen = options.account === undefined ? accounts : [oneAccount(accounts, options.account)];
    if (options.message !== undefined)
      return await show(session, await requestFromFile(session, options.message, chosen), {
        calledOff: NEVER,
        interrupted: interrupt.signal,
      });

    const watched = relayAccounts(chosen);
    if (!isJson) {
      const hosts = [...new Set(watched.map(({ authenticateUrl }) => new URL(authenticateUrl).host))].join(', ');
      io.stdout.write(
        `  Watching ${watched.length === 1 ? '1 account' : `${watched.length} accounts`} on ${hosts} · Ctrl+C to stop\n`,
      );
    }
    return await watchAll(session, watched, options.once === true, interrupt);
  } finally {
    stopListening();
    interrupt.abort();
  }
}

async function watchAll(
  session: Session,
  watched: readonly PushAccount[],
  isOnce: boolean,
  interrupt: AbortController,
): Promise<ExitCode> {
  const { io, store } = session;
  const queue: PushRequest[] = [];
  const calledOff = new Map<string, AbortController>();
  let lastRefusal: PhoneError | undefined;
  let isEveryAccountRefused = false;
  let hasHandledOne = false;
  let wake = (): void => {};

  const hear = (accountId: string, event: RelayEvent): void => {
    if (event.kind === 'withdrawn') {
      calledOff.get(event.messageId)?.abort();
      return;
    }
    const account = pushAccounts(store.load().accounts).find(({ id }) => id === accountId);
    if (account === undefined) return;
    let request: PushRequest;
    try {
      request = openMessage(event.envelope, account, io.now());
    } catch (error) {
      // A message that does not verify is dropped without a word (ux.md 3.3).
      if (error instanceof PhoneError) return;
      throw error;
    }
    calledOff.set(request.messageId, new AbortController());
    queue.push(request);
    wake();
  };
  const watchers = watched.map((account) =>
    watchRelay(io, account, interrupt.signal, {
      onEvent: (event) => hear(account.id, event),
      onClockOffset: (offset) => void rememberOffset(store, account, offset),
      onConnection: connectionNews(session, account),
    }).catch((error: unknown) => {
      // One account that the server refuses must not silence the others.
      if (!(error instanceof PhoneError)) throw error;
      printError(io, session.isJson, error);
      lastRefusal = error;
    }),
  );
  const ended = Promise.all(watchers).finally(() => {
    isEveryAccountRefused = !interrupt.signal.aborted;
    interrupt.abort();
  });
  // Whatever happens to the watchers is looked at below; until then it is not unhandled.
  ended.catch(() => undefined);
  interrupt.signal.addEventListener('abort', () => wake(), { once: true });

  let code: ExitCode = EXIT.done;
  while (!interrupt.signal.aborted) {
    const request = queue.shift();
    if (request === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const off = calledOff.get(request.messageId) ?? new AbortController();
    if (off.signal.aborted || io.now() + request.account.clockOffsetMillis > request.expiresAt) continue;
    // A first answer moves the clock and the list of answered messages on.
    const account = pushAccounts(store.load().accounts).find(({ id }) => id === request.account.id) ?? request.account;
    void markShown(io, { ...request, account });
    try {
      code = await show(session, { ...request, account }, { calledOff: off.signal, interrupted: interrupt.signal });
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error;
      printError(io, session.isJson, error);
      code = error.exitCode;
    }
    calledOff.delete(request.messageId);
    hasHandledOne = true;
    if (isOnce) break;
  }
  interrupt.abort();
  await ended;
  if (isOnce && hasHandledOne) return code;
  return isEveryAccountRefused && lastRefusal !== undefined ? lastRefusal.exitCode : EXIT.done;
}

/** Says once that the connection went, and once that it is back. */
function connectionNews({ io, isJson }: Session, account: PushAccount): (state: 'up' | 'down') => void {
  let isDown = false;
  return (state) => {
    if ((state === 'down') === isDown) return;
    isDown = state === 'down';
    if (isJson) return;
    const { host } = new URL(account.authenticateUrl);
    io.stderr.write(isDown ? `  No connection to ${host}. Trying again.\n` : `  Connected to ${host} again.\n`);
  };
}
