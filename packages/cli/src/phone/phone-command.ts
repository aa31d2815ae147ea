import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  type AccountStore,
  defaultStoreFile,
  type OathAccount,
  openAccountStore,
  type PhoneAccount,
  type PushAccount,
} from './account-store.ts';
import { DENY_REASONS, type Decision, type DenyReason, numberFor, registrationBody } from './answers.ts';
import { encodeBase64 } from './base64.ts';
import { oneTimeCodeOf } from './one-time-code.ts';
import { PERSONA_NAMES, PERSONAS, type Persona, type PersonaName } from './personas.ts';
import { EXIT, type ExitCode, PhoneError } from './phone-error.ts';
import type { PhoneIo } from './phone-io.ts';
import { accountOf, envelopeFor, openMessage, type PushRequest, readEnvelopes } from './push-message.ts';
import { type RelayEvent, watchRelay } from './relay-watch.ts';
import { accountTable, plainText, questionText, requestText, setupCodePicture } from './request-text.ts';
import {
  type CallResult,
  listPending,
  markShown,
  relayUrlOf,
  sendAnswer,
  sendRefresh,
  sendRegistration,
} from './server-calls.ts';
import { type OathSetup, parseSetupCode } from './setup-code.ts';

interface SharedOptions {
  readonly store?: string;
  readonly json?: boolean;
}

interface RegisterOptions extends SharedOptions {
  readonly name?: string;
  readonly persona: PersonaName;
  readonly show?: boolean;
  readonly token?: string;
}

interface RequestOptions extends SharedOptions {
  readonly account?: string;
  readonly message?: string;
}

interface Session {
  readonly io: PhoneIo;
  readonly store: AccountStore;
  readonly isJson: boolean;
}

/** `assent phone …`: a phone in a terminal, and the official phones' habits for tests. */
export function phoneCommand(io: PhoneIo): Command {
  const phone = new Command('phone')
    .description('Be the phone: register it, see requests to sign in, and answer them.')
    .option('--store <file>', `file that keeps the accounts (default: ${defaultStoreFile(io)})`)
    .option('--json', 'print one JSON object per line and nothing else');

  const setup = (command: Command): Command => inTheHandsOf(io, command);
  const subcommand = (name: string, description: string): Command =>
    setup(phone.command(name)).description(description);
  const run =
    <Options extends SharedOptions>(work: (session: Session, options: Options) => Promise<ExitCode> | ExitCode) =>
    (_options: unknown, command: Command): Promise<void> =>
      perform(io, command.optsWithGlobals<Options>(), work);
  const forAccount = (command: Command): Command => command.option('--account <id>', 'the account, as `list` shows it');
  const forMessage = (command: Command): Command =>
    forAccount(command).option(
      '--message <file>',
      'a push provider payload instead of the relay; - reads it from stdin',
    );

  setup(phone);

  subcommand('register', 'Add the account of a setup code.')
    .argument('<uri>', 'the setup code: pushauth://…, mfauth://… or otpauth://… in quotes')
    .option('--name <name>', 'what the account page calls this phone')
    .addOption(new Option('--persona <persona>', 'whose habits to have').choices([...PERSONA_NAMES]).default('assent'))
    .option('--token <token>', 'the delivery token to register with (official phones; default: an invented one)')
    .option('--show', 'only draw the setup code, for another phone to scan')
    .action((uri: string, _options: unknown, command: Command) =>
      perform<RegisterOptions>(io, command.optsWithGlobals(), (session, options) => register(session, uri, options)),
    );
  subcommand('list', 'Show the accounts of this phone.').action(run(list));
  forMessage(subcommand('watch', 'Show requests as they come, and ask for an answer.'))
    .option('--once', 'end after the first request')
    .action(run(watch));
  forMessage(subcommand('approve', 'Approve the request that waits.'))
    .option('--number <number>', 'the number that the screen shows')
    .action(run<RequestOptions & { readonly number?: string }>((session, options) => approve(session, options)));
  forMessage(subcommand('deny', 'Deny the request that waits.'))
    .addOption(new Option('--reason <reason>', 'what happened').choices([...DENY_REASONS]).default('other'))
    .action(run<RequestOptions & { readonly reason: DenyReason }>((session, options) => deny(session, options)));
  forAccount(subcommand('refresh', 'Tell the server a new delivery token.'))
    .requiredOption('--token <token>', 'the new token')
    .action(run(refresh));
  forAccount(subcommand('otp', 'Print a one-time code.')).action(run(oneTimeCode));
  subcommand('remove', 'Forget an account on this phone.')
    .requiredOption('--account <id>', 'the account, as `list` shows it')
    .action(run(remove));
  return phone;
}

/** Commander ends bad usage with 1; ours is 2, in our words, and as JSON when asked (design.md §2). */
function inTheHandsOf(io: PhoneIo, command: Command): Command {
  return command
    .configureHelp({ showGlobalOptions: true })
    .exitOverride((error) => io.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => {
        const sentence = text
          .replace(/^error: /, '')
          .trim()
          .replace(/\.?$/, '.');
        const message = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
        printError(
          io,
          wantsJson(command),
          new PhoneError(
            'USAGE',
            message,
            `assent phone ${command.name() === 'phone' ? '' : `${command.name()} `}--help`,
          ),
        );
      },
    });
}

/** Bad usage is found before the options are complete, so the words of the command line have to do. */
function wantsJson(command: Command): boolean {
  let top = command;
  while (top.parent !== null) top = top.parent;
  return 'rawArgs' in top && Array.isArray(top.rawArgs) && top.rawArgs.includes('--json');
}

async function perform<Options extends SharedOptions>(
  io: PhoneIo,
  options: Options,
  work: (session: Session, options: Options) => Promise<ExitCode> | ExitCode,
): Promise<void> {
  const store = openAccountStore(options.store ?? defaultStoreFile(io), () => io.randomUuid());
  const isJson = options.json === true;
  try {
    const exposure = store.exposure();
    if (exposure !== undefined)
      io.stderr.write(
        isJson
          ? `${JSON.stringify({ warning: { message: exposure } })}\n`
          : `${exposure}\n  Try: chmod 600 '${store.file}'\n`,
      );
    io.setExitCode(await work({ io, store, isJson }, options));
  } catch (error) {
    if (!(error instanceof PhoneError)) throw error;
    printError(io, isJson, error);
    io.setExitCode(error.exitCode);
  } finally {
    io.stdin.release();
  }
}

function printError(io: PhoneIo, isJson: boolean, { code, message, hint }: PhoneError): void {
  if (isJson) io.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else io.stderr.write(`${message}\n${hint === undefined ? '' : `  Try: ${hint}\n`}`);
}

function printJson({ io }: Session, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

async function register(session: Session, uri: string, options: RegisterOptions): Promise<ExitCode> {
  const { io, store, isJson } = session;
  const persona = PERSONAS[options.persona];
  const code = parseSetupCode(uri, persona);
  if (options.show === true) {
    io.stdout.write(
      io.isTty && !isJson ? setupCodePicture(uri.trim(), io.env.NO_COLOR === undefined) : `${uri.trim()}\n`,
    );
    return EXIT.done;
  }

  if (code.kind === 'oath') return registerOneTimeCodes(session, code, code.oneTimeCodes);

  const accounts = store.load().accounts;
  const existing = pushAccounts(accounts);
  if (
    persona.refusesSecondForSameName &&
    existing.some((it) => it.persona === persona.name && it.issuer === code.issuer && it.name === code.accountName)
  ) {
    throw new PhoneError(
      'ALREADY_REGISTERED',
      'This phone already has this account.',
      'remove the old one first: assent phone remove --account ID',
    );
  }
  const mechanismUid = persona.mechanismUidCase === 'upper' ? io.randomUuid().toUpperCase() : io.randomUuid();
  const account: PushAccount = {
    kind: 'push',
    id: shortId(mechanismUid, accounts),
    persona: persona.name,
    issuer: code.issuer,
    name: code.accountName,
    key: encodeBase64(code.key),
    mechanismUid,
    deviceId: options.token ?? newDeviceId(io, persona),
    deviceName:
      options.name ??
      (persona.hasDeviceKey ? `${persona.defaultDeviceName} on ${io.hostname}` : persona.defaultDeviceName),
    registerUrl: code.registerUrl,
    authenticateUrl: code.authenticateUrl,
    ...(code.loadBalancerCookie === undefined ? {} : { loadBalancerCookie: code.loadBalancerCookie }),
    ...(code.userId === undefined ? {} : { userId: code.userId }),
    ...(code.deviceUuid === undefined ? {} : { deviceUuid: code.deviceUuid }),
    ...(persona.hasDeviceKey ? { deviceKey: io.newDeviceKey() } : {}),
    addedAt: io.now(),
    clockOffsetMillis: 0,
    answered: [],
  };
  const body = registrationBody(code, account, persona);
  const { clockOffsetMillis } = await sendRegistration(io, persona, code.registerUrl, code.loadBalancerCookie, body);
  store.update((state) => ({
    accounts: [...state.accounts, { ...account, clockOffsetMillis: clockOffsetMillis ?? 0 }],
  }));

  if (isJson) printJson(session, { account: accountLine(account) });
  else {
    io.stdout.write(
      `Added ${plainText(code.issuer)} · ${plainText(code.accountName)} as ${account.id}. This phone can now approve its sign-ins.\n`,
    );
  }
  return code.oneTimeCodes === undefined ? EXIT.done : registerOneTimeCodes(session, code, code.oneTimeCodes);
}

function registerOneTimeCodes(
  session: Session,
  { issuer, accountName }: { readonly issuer: string; readonly accountName: string },
  setup: OathSetup,
): ExitCode {
  const { io, store, isJson } = session;
  const id = shortId(io.randomUuid(), store.load().accounts);
  const account: OathAccount = { kind: 'oath', id, issuer, name: accountName, ...setup, addedAt: io.now() };
  store.update((state) => ({ accounts: [...state.accounts, account] }));
  if (isJson) printJson(session, { account: accountLine(account) });
  else {
    io.stdout.write(
      `Added ${plainText(issuer)} · ${plainText(accountName)} as ${id}. This phone can now make its one-time codes.\n`,
    );
  }
  return EXIT.done;
}

function list(session: Session): ExitCode {
  const { accounts } = session.store.load();
  if (session.isJson) for (const account of accounts) printJson(session, { account: accountLine(account) });
  else if (accounts.length === 0)
    session.io.stdout.write("No accounts yet.\n  Try: assent phone register '<setup code>'\n");
  else session.io.stdout.write(accountTable(accounts));
  return EXIT.done;
}

async function approve(session: Session, options: RequestOptions & { readonly number?: string }): Promise<ExitCode> {
  const { io } = session;
  const request = await findRequest(session, options);
  if (request.pushType === 'challenge' && options.number === undefined && io.isTty && !session.isJson) {
    await markShown(io, request);
    return show(session, request, { calledOff: NEVER, interrupted: NEVER });
  }
  const number = numberFor(request, options.number);
  return answer(session, request, number === undefined ? { kind: 'approve' } : { kind: 'approve', number });
}

async function deny(session: Session, options: RequestOptions & { readonly reason: DenyReason }): Promise<ExitCode> {
  return answer(session, await findRequest(session, options), { kind: 'deny', reason: options.reason });
}

async function refresh(
  session: Session,
  options: SharedOptions & { readonly account?: string; readonly token: string },
): Promise<ExitCode> {
  const account = onePushAccount(session.store.load().accounts, options.account);
  const result = await sendRefresh(session.io, account, options.token);
  changeAccount(session.store, account.id, (it) => ({ ...it, deviceId: options.token, ...learned(result) }));
  if (session.isJson) printJson(session, { refreshed: { id: account.id } });
  else session.io.stdout.write('The server knows the new token.\n');
  return EXIT.done;
}

function oneTimeCode(session: Session, options: SharedOptions & { readonly account?: string }): ExitCode {
  const { io, store } = session;
  const accounts = store.load().accounts.filter((account) => account.kind === 'oath');
  if (accounts.length === 0)
    throw new PhoneError('NO_OTP_ACCOUNT', 'This phone has no one-time-code accounts.', 'assent phone list');
  const now = io.now();
  const { code, expiresAt, account } = oneTimeCodeOf(oneAccount(accounts, options.account), now);
  // Stored before it is shown: a code of a counter is never shown twice.
  if (account.type === 'hotp') {
    store.update((state) => ({ accounts: state.accounts.map((it) => (it.id === account.id ? account : it)) }));
  }
  if (session.isJson) {
    printJson(session, { otp: { account: account.id, code, expiresAt: expiresAt ?? null } });
    return EXIT.done;
  }
  io.stdout.write(`${code}\n`);
  if (expiresAt !== undefined) io.stderr.write(`${Math.ceil((expiresAt - now) / 1_000)} s left\n`);
  return EXIT.done;
}

function remove(session: Session, options: SharedOptions & { readonly account: string }): ExitCode {
  const account = oneAccount(session.store.load().accounts, options.account);
  session.store.update((state) => ({ accounts: state.accounts.filter(({ id }) => id !== account.id) }));
  if (session.isJson) printJson(session, { removed: { id: account.id } });
  else session.io.stdout.write('Removed from this phone only. Sign in to your account to remove it everywhere.\n');
  return EXIT.done;
}

/** The request to answer: from the given file, or the one that waits on the relay. */
async function findRequest(session: Session, options: RequestOptions): Promise<PushRequest> {
  const { io, store } = session;
  const accounts = pushAccounts(store.load().accounts);
  const chosen = options.account === undefined ? accounts : [oneAccount(accounts, options.account)];
  if (options.message !== undefined) return requestFromFile(session, options.message, chosen);

  const reachable = relayAccounts(chosen);
  const waiting: PushRequest[] = [];
  let refusal: PhoneError | undefined;
  for (const account of reachable) {
    const { envelopes, clockOffsetMillis } = await listPending(io, account);
    const current = rememberOffset(store, account, clockOffsetMillis);
    for (const envelope of envelopes) {
      try {
        waiting.push(openMessage(envelope, current, io.now()));
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

async function requestFromFile({ io }: Session, file: string, accounts: readonly PushAccount[]): Promise<PushRequest> {
  const envelopes = readEnvelopes(file === '-' ? await io.stdin.readAll() : readMessageFile(file));
  const account = envelopes.map(({ jwt }) => accountOf(jwt, accounts)).find((it) => it !== undefined);
  if (account === undefined) {
    throw new PhoneError(
      'UNKNOWN_MECHANISM',
      'This request is for an account that this phone does not have.',
      'assent phone list',
    );
  }
  const envelope = envelopeFor(envelopes, PERSONAS[account.persona]);
  if (envelope === undefined) {
    throw new PhoneError(
      'MESSAGE_UNREADABLE',
      'This message is not in the form that this kind of phone is sent.',
      `pass the ${PERSONAS[account.persona].communicationType} payload`,
    );
  }
  return openMessage(envelope, account, io.now());
}

function readMessageFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PhoneError(
      'MESSAGE_UNREADABLE',
      `The file ${file} cannot be read.`,
      'name a file that exists, or - for stdin',
      { cause: error },
    );
  }
}

async function answer(
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
  else io.stdout.write('  Answer sent.\n');
  return EXIT.done;
}

async function watch(session: Session, options: RequestOptions & { readonly once?: boolean }): Promise<ExitCode> {
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

/** What can end a question before it is answered, apart from time. */
interface Interruptions {
  /** Withdrawn or superseded by the server. */
  readonly calledOff: AbortSignal;
  /** Ctrl+C. */
  readonly interrupted: AbortSignal;
}

const NEVER = new AbortController().signal;

/** Shows one request and carries out what the person says; ends early when it is withdrawn or runs out. */
async function show(
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
      if (isJson) printError(io, true, error);
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

/** The account line of `register` and `list` (design.md 3.3). */
function accountLine({ id, kind, issuer, name }: PhoneAccount): unknown {
  return { id, kind, issuer, name };
}

/** The request line of `watch` (design.md 3.3); `expiresAt` is milliseconds by the server's clock. */
function requestLine(request: PushRequest): unknown {
  return {
    messageId: request.messageId,
    account: request.account.id,
    message: request.message,
    pushType: request.pushType,
    digits: request.digits ?? null,
    choices: request.choices ?? null,
    expiresAt: request.expiresAt,
    context: request.context ?? null,
  };
}

const pushAccounts = (accounts: readonly PhoneAccount[]): readonly PushAccount[] =>
  accounts.filter((account) => account.kind === 'push');

function onePushAccount(accounts: readonly PhoneAccount[], wanted: string | undefined): PushAccount {
  return oneAccount(pushAccounts(accounts), wanted);
}

function oneAccount<Account extends PhoneAccount>(accounts: readonly Account[], wanted: string | undefined): Account {
  const matching =
    wanted === undefined
      ? accounts
      : accounts.filter((it) => it.id === wanted || (it.kind === 'push' && it.mechanismUid === wanted));
  const [account, ...others] = matching;
  if (account === undefined) {
    throw wanted === undefined
      ? noAccounts()
      : new PhoneError('NO_ACCOUNT', `This phone has no account ${plainText(wanted)}.`, 'assent phone list');
  }
  if (others.length > 0) throw new PhoneError('USAGE', 'This phone has more than one account.', 'add --account ID');
  return account;
}

function relayAccounts(accounts: readonly PushAccount[]): readonly PushAccount[] {
  if (accounts.length === 0) throw noAccounts();
  const reachable = accounts.filter(
    (account) => PERSONAS[account.persona].hasDeviceKey && relayUrlOf(account) !== undefined,
  );
  if (reachable.length > 0) return reachable;
  throw new PhoneError(
    'USAGE',
    'This account gets its requests from a push provider.',
    'pass the payload with --message FILE',
  );
}

function noAccounts(): PhoneError {
  return new PhoneError('NO_ACCOUNT', 'This phone has no accounts yet.', "assent phone register '<setup code>'");
}

function changeAccount(store: AccountStore, id: string, change: (account: PushAccount) => PushAccount): void {
  store.update((state) => ({
    accounts: state.accounts.map((account) =>
      account.kind === 'push' && account.id === id ? change(account) : account,
    ),
  }));
}

function learned({ clockOffsetMillis }: CallResult): { readonly clockOffsetMillis?: number } {
  return clockOffsetMillis === undefined ? {} : { clockOffsetMillis };
}

function rememberOffset(store: AccountStore, account: PushAccount, offset: number | undefined): PushAccount {
  if (offset === undefined || offset === account.clockOffsetMillis) return account;
  changeAccount(store, account.id, (it) => ({ ...it, clockOffsetMillis: offset }));
  return { ...account, clockOffsetMillis: offset };
}

function shortId(mechanismUid: string, accounts: readonly PhoneAccount[]): string {
  const text = mechanismUid.toLowerCase();
  const short = text.slice(0, 8);
  return accounts.some(({ id }) => id === short) ? text : short;
}

function newDeviceId(io: PhoneIo, persona: Persona): string {
  if (persona.deviceIdStyle === 'uuid') return io.randomUuid();
  if (persona.deviceIdStyle === 'apns-hex') return Buffer.from(io.randomBytes(32)).toString('hex').toUpperCase();
  // The look of an FCM token: an installation id, a colon, and a long opaque rest.
  return `${Buffer.from(io.randomBytes(16)).toString('base64url')}:APA91b${Buffer.from(io.randomBytes(100)).toString('base64url')}`;
}
