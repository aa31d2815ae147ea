import { readFileSync } from 'node:fs';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { accountOf, deliveryFor, openMessage, type PushRequest, readDeliveries } from '../messages/push-message.ts';
import { listPending } from '../server/relay-calls.ts';
import type { Session, SharedOptions } from '../terminal/phone-session.ts';
import { oneAccount, pushAccounts, relayAccounts, rememberOffset } from './account-choice.ts';

/** Which request is meant: of which account, and in which file where it did not come by the relay. */
export interface RequestOptions extends SharedOptions {
  readonly account?: string;
  readonly message?: string;
}

/** The request to answer: from the given file, or the one that waits on the relay. */
export async function findRequest(session: Session, options: RequestOptions): Promise<PushRequest> {
  const { io, store } = session;
  const accounts = pushAccounts(store.load().accounts);
  const chosen = options.account === undefined ? accounts : [oneAccount(accounts, options.account)];
  if (options.message !== undefined) return requestFromFile(session, options.message, chosen);

  const reachable = relayAccounts(chosen);
  const waiting: PushRequest[] = [];
  let refusal: PhoneError | undefined;
  for (const account of reachable) {
    const { deliveries, clockOffsetMillis } = await listPending(io, account);
    const current = rememberOffset(store, account, clockOffsetMillis);
    for (const delivery of deliveries) {
      try {
        waiting.push(openMessage(delivery, current, io.now()));
      } catch (error) {
        if (!(error instanceof PhoneError)) throw error;
        refusal = error;
      }
    }
  }
  const newest = waiting.toSorted((a, b) => b.sentAt - a.sentAt)[0];
  if (newest === undefined)
    throw refusal ?? new PhoneError('NO_REQUEST', 'No request is waiting.', 'start the sign-in, then run this again');
  if (waiting.some(({ account }) => account.id !== newest.account.id)) {
    throw new PhoneError('USAGE', 'More than one account has a request.', 'add --account ID');
  }
  return newest;
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
