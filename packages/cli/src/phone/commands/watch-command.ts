import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import { printRefusal } from '../../command/print-refusal.ts';
import type { PushAccount } from '../account/account-store.ts';
import { PhoneError } from '../account/phone-error.ts';
import { openMessage } from '../messages/push-message.ts';
import { markShown } from '../server/relay-calls.ts';
import { type RelayEvent, watchRelay } from '../server/relay-watch.ts';
import type { Session } from '../terminal/phone-session.ts';
import { RequestQueue, type WaitingRequest } from '../terminal/request-queue.ts';
import { oneAccount, pushAccounts, relayAccounts, rememberOffset } from './account-choice.ts';
import { type RequestOptions, requestFromFile } from './find-request.ts';
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
  const queue = new RequestQueue(interrupt.signal);
  const heard = hearAll(session, watched, queue, interrupt);
  // Whatever happens to it is looked at below; until then it is not unhandled.
  heard.catch(() => undefined);

  let code: ExitCode | undefined;
  for (let waiting = await queue.next(); waiting !== undefined; waiting = await queue.next()) {
    const ended = await showWaiting(session, waiting, interrupt.signal);
    queue.done(waiting.request);
    code = ended ?? code;
    if (isOnce && ended !== undefined) break;
  }
  interrupt.abort();
  const refusal = await heard;
  return (isOnce ? code : undefined) ?? refusal?.exitCode ?? EXIT.done;
}

/** Puts into the queue what the relay has for each account, until the end; the last refusal, where it refused all of them. */
async function hearAll(
  session: Session,
  watched: readonly PushAccount[],
  queue: RequestQueue,
  interrupt: AbortController,
): Promise<PhoneError | undefined> {
  const { io, store, isJson } = session;
  let lastRefusal: PhoneError | undefined;
  try {
    await Promise.all(
      watched.map((account) =>
        watchRelay(io, account, interrupt.signal, {
          onEvent: (event) => hear(session, account.id, queue, event),
          onClockOffset: (offset) => void rememberOffset(store, account, offset),
          onConnection: connectionNews(session, account),
        }).catch((error: unknown) => {
          // One account that the server refuses must not silence the others.
          if (!(error instanceof PhoneError)) throw error;
          printRefusal(io, isJson, error);
          lastRefusal = error;
        }),
      ),
    );
    return interrupt.signal.aborted ? undefined : lastRefusal;
  } finally {
    interrupt.abort();
  }
}

function hear({ io, store }: Session, accountId: string, queue: RequestQueue, event: RelayEvent): void {
  if (event.kind === 'withdrawn') {
    queue.callOff(event.messageId);
    return;
  }
  const account = pushAccounts(store.load().accounts).find(({ id }) => id === accountId);
  if (account === undefined) return;
  try {
    queue.add(openMessage(event.delivery, account, io.now()));
  } catch (error) {
    // A message that does not verify is dropped without a word (ux.md 3.3).
    if (!(error instanceof PhoneError)) throw error;
  }
}

/** Shows a request that has waited for its turn; undefined where it has run out meanwhile. */
async function showWaiting(
  session: Session,
  { request, calledOff }: WaitingRequest,
  interrupted: AbortSignal,
): Promise<ExitCode | undefined> {
  const { io, store, isJson } = session;
  if (io.now() + request.account.clockOffsetMillis > request.expiresAt) return undefined;
  // A first answer moves the clock and the list of answered messages on.
  const account = pushAccounts(store.load().accounts).find(({ id }) => id === request.account.id) ?? request.account;
  const current = { ...request, account };
  void markShown(io, current);
  try {
    return await show(session, current, { calledOff, interrupted });
  } catch (error) {
    if (!(error instanceof PhoneError)) throw error;
    printRefusal(io, isJson, error);
    return error.exitCode;
  }
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
