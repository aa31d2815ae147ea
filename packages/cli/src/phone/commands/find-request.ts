import { readFileSync } from 'node:fs';
import { plainText } from '../../command/plain-text.ts';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { accountOf, deliveryFor, openMessage, type PushRequest, readDeliveries } from '../messages/push-message.ts';
import { listPending } from '../server/relay-calls.ts';
import { requestLine } from '../terminal/json-lines.ts';
import { printJson, type Session, type SharedOptions } from '../terminal/phone-session.ts';
import { requestText } from '../terminal/request-text.ts';
import { oneAccount, pushAccounts, relayAccounts, rememberOffset } from './account-choice.ts';

/** Which request is meant: of which account, with which id, and in which file where it did not come by the relay. */
export interface RequestOptions extends SharedOptions {
  readonly account?: string;
  readonly message?: string;
  readonly request?: string;
}

/**
 * The request to answer: from the given file, or the only one that waits on the relay. Of several none is chosen, since the newest can be an
 * attacker's: they are listed, and the user names one (SEC-24).
 */
export async function findRequest(session: Session, options: RequestOptions): Promise<PushRequest> {
  const { io, store } = session;
  const accounts = pushAccounts(store.load().accounts);
  const chosen = options.account === undefined ? accounts : [oneAccount(accounts, options.account)];
  const named = options.request;
  const isMeant = (messageId: string): boolean => named === undefined || messageId === named;
  if (options.message !== undefined) {
    const request = await requestFromFile(session, options.message, chosen);
    return isMeant(request.messageId) ? request : notWaiting(named);
  }

  const waiting: PushRequest[] = [];
  let refusal: PhoneError | undefined;
  for (const account of relayAccounts(chosen)) {
    const { deliveries, clockOffsetMillis } = await listPending(io, account);
    const current = rememberOffset(store, account, clockOffsetMillis);
    for (const delivery of deliveries.filter(({ messageId }) => isMeant(messageId))) {
      try {
        waiting.push(openMessage(delivery, current, io.now()));
      } catch (error) {
        if (!(error instanceof PhoneError)) throw error;
        refusal = error;
      }
    }
  }
  const [only, ...others] = waiting;
  if (only === undefined) {
    if (refusal !== undefined) throw refusal;
    return notWaiting(named);
  }
  if (others.length > 0) {
    listRequests(session, waiting);
    throw new PhoneError(
      'SEVERAL_REQUESTS',
      `${waiting.length} requests are waiting, and one of them may not be yours. Nothing was answered.`,
      'name the request of your sign-in with --request ID',
    );
  }
  return only;
}

const notWaiting = (named: string | undefined): never => {
  if (named !== undefined) throw new PhoneError('NO_REQUEST', `The request ${plainText(named)} is not waiting.`);
  throw new PhoneError('NO_REQUEST', 'No request is waiting.', 'start the sign-in, then run this again');
};

/** Oldest first, each with the id that `--request` takes. */
function listRequests(session: Session, requests: readonly PushRequest[]): void {
  const { io, isJson } = session;
  for (const request of requests.toSorted((a, b) => a.sentAt - b.sentAt)) {
    if (isJson) printJson(session, { request: requestLine(request) });
    else {
      const text = requestText(request, io.now() + request.account.clockOffsetMillis);
      io.stdout.write(`${text}  ${'Request'.padEnd(10)}${plainText(request.messageId)}\n`);
    }
  }
}

export async function requestFromFile(
  { io }: Session,
  file: string,
  accounts: readonly PushAccount[],
): Promise<PushRequest> {
  const deliveries = readDeliveries(await readGiven(io, file, 'MESSAGE_UNREADABLE'));
  const account = deliveries.map(({ message }) => accountOf(message, accounts)).find((it) => it !== undefined);
  if (account === undefined) {
    throw new PhoneError(
      'UNKNOWN_MECHANISM',
      'This request is for an account that this phone does not have.',
      'assent phone list',
    );
  }
  const delivery = deliveryFor(deliveries, PERSONAS[account.persona]);
  if (delivery === undefined) {
    throw new PhoneError(
      'MESSAGE_UNREADABLE',
      'This message is not in the form that this kind of phone is sent.',
      `pass the ${PERSONAS[account.persona].communicationType} payload`,
    );
  }
  return openMessage(delivery, account, io.now());
}

/** What is in a file, or comes in where it is called `-`. */
export async function readGiven(
  { stdin }: Pick<Session['io'], 'stdin'>,
  file: string,
  unreadable: 'MESSAGE_UNREADABLE' | 'STEP_UNREADABLE',
): Promise<string> {
  if (file === '-') return stdin.readAll();
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PhoneError(unreadable, `The file ${file} cannot be read.`, 'name a file that exists, or - for stdin', {
      cause: error,
    });
  }
}
