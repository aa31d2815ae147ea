import type { DenyReason } from '@assent/push/protocol';
import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import { hintLine } from '../../command/hint-line.ts';
import { printRefusal } from '../../command/print-refusal.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { type Decision, numberFor } from '../messages/answers.ts';
import type { PushRequest } from '../messages/push-message.ts';
import { sendAnswer } from '../server/server-calls.ts';
import { requestLine } from '../terminal/json-lines.ts';
import { printJson, type Session } from '../terminal/phone-session.ts';
import { questionText, requestText } from '../terminal/request-text.ts';
import { changeAccount, learned } from './account-choice.ts';

/** What can end a question before it is answered, apart from time. */
export interface Interruptions {
  /** Withdrawn or superseded by the server. */
  readonly calledOff: AbortSignal;
  /** Ctrl+C. */
  readonly interrupted: AbortSignal;
}

/** For a question that nothing but time ends. */
export const NEVER: AbortSignal = new AbortController().signal;

/** Shows one request and carries out what the person says; ends early when it is withdrawn or runs out. */
export async function show(
  session: Session,
  request: PushRequest,
  { calledOff, interrupted }: Interruptions,
): Promise<ExitCode> {
  const { io, isJson } = session;
  const serverNow = (): number => io.now() + request.account.clockOffsetMillis;
  if (isJson) printJson(session, { request: requestLine(request) });
  else io.stdout.write(requestText(request, serverNow()));

  const over = new AbortController();
  const time = new AbortController();
  const timer = io.sleep(Math.max(0, request.expiresAt - serverNow()), time.signal).then(() => {
    if (!time.signal.aborted) over.abort();
  });
  const stop = AbortSignal.any([calledOff, interrupted, over.signal]);
  try {
    const decision = await ask(session, request, stop);
    if (decision !== undefined)
      return await answer(session, request, decision, AbortSignal.any([calledOff, interrupted]));
    if (interrupted.aborted) return EXIT.done;
    if (calledOff.aborted) {
      if (isJson) printJson(session, { withdrawn: { messageId: request.messageId } });
      else io.stdout.write('\n  This request was answered elsewhere, or replaced by a newer one.\n');
      return EXIT.no;
    }
    if (over.signal.aborted) {
      if (isJson) printJson(session, { withdrawn: { messageId: request.messageId } });
      else io.stdout.write('\n  Ran out.\n');
      return EXIT.no;
    }
    // Nobody is there to ask: the request is shown, and `approve` or `deny` can answer it.
    return EXIT.done;
  } finally {
    time.abort();
    await timer;
  }
}

async function ask(session: Session, request: PushRequest, stop: AbortSignal): Promise<Decision | undefined> {
  const { io, isJson } = session;
  const say = (text: string): void => {
    if (!isJson) io.stdout.write(text);
  };
  for (;;) {
    say(questionText(request));
    const line = (await io.stdin.readLine(stop))?.trim();
    // A terminal shows the typed line and its end; a pipe shows nothing.
    if (!io.isTty) say('\n');
    if (line === undefined) return undefined;
    if (/^d(eny)?$/i.test(line)) return { kind: 'deny', reason: await askReason(session, request, stop) };
    try {
      if (request.pushType === 'challenge') {
        if (line === '') continue;
        const number = numberFor(request, line);
        return number === undefined ? { kind: 'approve' } : { kind: 'approve', number };
      }
      if (/^(y|yes|approve)$/i.test(line)) return { kind: 'approve' };
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error;
      if (isJson) printRefusal(io, true, error);
      else say(`  ${error.message}\n`);
    }
  }
}

async function askReason({ io, isJson }: Session, request: PushRequest, stop: AbortSignal): Promise<DenyReason> {
  // A program answers "d" and is done; only our own phone can pass a reason on.
  if (isJson || !io.isTty || !PERSONAS[request.account.persona].hasDeviceKey) return 'other';
  io.stdout.write('  What happened? n it was not me, c I cancelled it, Enter something else:  ');
  const line = (await io.stdin.readLine(stop))?.trim().toLowerCase() ?? '';
  if (line.startsWith('n')) return 'not_me';
  return line.startsWith('c') ? 'cancelled' : 'other';
}

/** Sends an answer, and keeps that this request has had one. */
export async function answer(
  session: Session,
  request: PushRequest,
  decision: Decision,
  signal?: AbortSignal,
): Promise<ExitCode> {
  const { io, store } = session;
  const result = await sendAnswer(io, request, decision, signal, () => {
    if (!session.isJson) io.stderr.write('  No connection. Trying again until the request runs out.\n');
  });
  changeAccount(store, request.account.id, (account) => ({
    ...account,
    ...(request.userId === undefined ? {} : { userId: request.userId }),
    ...learned(result),
    lastAnswerAt: io.now(),
    // A message that has run out is refused for that; its id need not be kept longer.
    answered: [
      ...account.answered.filter(({ expiresAt }) => expiresAt + 600_000 > io.now() + account.clockOffsetMillis),
      { messageId: request.messageId, expiresAt: request.expiresAt },
    ],
  }));
  if (session.isJson) printJson(session, { answered: { messageId: request.messageId, decision: decision.kind } });
  else {
    io.stdout.write('  Answer sent.\n');
    if (decision.kind === 'deny' && decision.reason === 'not_me') {
      io.stdout.write(
        '  Somebody may know your password: change it. Browsers we do not know cannot ask you for an hour.\n',
      );
      io.stdout.write(hintLine('assent phone pause', io.command));
    }
  }
  return EXIT.done;
}
