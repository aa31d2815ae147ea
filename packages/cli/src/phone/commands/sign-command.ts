import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import type { BoundAccount } from '../account/account-store.ts';
import { type AppStep, readAppStep } from '../messages/app-step.ts';
import { signAsApp } from '../messages/phone-keys.ts';
import type { Session, SharedOptions } from '../terminal/phone-session.ts';
import { oneAccount } from './account-choice.ts';
import { readGiven } from './find-request.ts';

export interface SignOptions extends SharedOptions {
  readonly account?: string;
  readonly step: string;
  readonly application: string;
  readonly error?: string;
}

/** Answers as an app does that keeps keys on a phone: it makes one to be bound, or signs with the one that it has (spec: webauthn §7.3). */
export async function sign(session: Session, options: SignOptions): Promise<ExitCode> {
  const { io } = session;
  const step = readAppStep(await readGiven(io, options.step, 'STEP_UNREADABLE'));
  io.stdout.write(`${JSON.stringify(step.answered(answerTo(session, step, options)))}\n`);
  return EXIT.done;
}

const answerTo = (session: Session, step: AppStep, options: SignOptions): Readonly<Record<string, string>> => {
  const { io, store } = session;
  if (options.error !== undefined) return { clientError: options.error };
  if (step.kind === 'bind') {
    const account = newAccount(session, step, options.application);
    // Kept before the server hears of it. An app has one key for a user: the one before it is forgotten, as by the official ones.
    store.update(({ accounts }) => ({
      accounts: [...accounts.filter((it) => !isSameUse(it, account)), account],
    }));
    return { jws: signed(session, step, account), deviceName: io.hostname, deviceId: account.id };
  }
  const keys = store.load().accounts.filter((it) => it.kind === 'bound');
  const wanted = keys.filter(({ userId }) => step.userId === '' || userId === step.userId);
  if (wanted.length === 0) return { clientError: 'ClientNotRegistered' };
  return { jws: signed(session, step, oneAccount(wanted, options.account)) };
};

const newAccount = ({ io }: Session, { userId, username }: AppStep, application: string): BoundAccount => ({
  kind: 'bound',
  id: io.randomUuid(),
  issuer: application,
  name: username,
  userId,
  deviceKey: io.newDeviceKey(),
  addedAt: io.now(),
});

const isSameUse = (one: { readonly kind: string }, other: BoundAccount): boolean =>
  one.kind === 'bound' &&
  (one as BoundAccount).userId === other.userId &&
  (one as BoundAccount).issuer === other.issuer;

const signed = ({ io }: Session, { kind, challenge, timeoutSeconds }: AppStep, account: BoundAccount): string => {
  const { id: kid, issuer, userId, deviceKey } = account;
  const now = Math.floor(io.now() / 1_000);
  const claims = { sub: userId, iss: issuer, challenge, exp: now + timeoutSeconds, iat: now, nbf: now };
  return signAsApp(deviceKey, { kid, isNew: kind === 'bind', claims });
};
