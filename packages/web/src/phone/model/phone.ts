import type { DeliveredMessage } from '@assent/push/protocol';
import type { Account } from '../accounts/account.ts';
import { countedCode } from '../accounts/one-time-code.ts';
import type { HistoryEntry, PhoneSettings, PhoneStore, RequestEnd } from '../accounts/phone-store.ts';
import type { Ringer, RingState } from '../browser/ringer.ts';
import type { UserVerifier } from '../browser/user-verifier.ts';
import { answerBody, type CallIo, markShown, pauseRequests, sendAnswer } from '../server/server-calls.ts';
import type { SetupCode } from '../server/setup-code.ts';
import { openMessage, type SignInRequest } from '../server/sign-in-request.ts';
import { createAccountBook } from './account-book.ts';
import { createChannels } from './channels.ts';
import { type ConnectOutcome, newAccount } from './new-account.ts';
import { createOwnerCheck } from './owner-check.ts';
import { createRequestDesk, type DeskEntry, type RequestDesk } from './request-desk.ts';

/** Everything that the screens show. */
export interface PhoneView {
  /** False until the phone's memory was read. */
  readonly isReady: boolean;
  readonly accounts: readonly Account[];
  readonly requests: readonly DeskEntry[];
  readonly history: readonly HistoryEntry[];
  readonly settings: PhoneSettings;
  readonly isConnected: boolean;
  readonly ring: RingState;
  readonly canVerify: boolean;
  /** Accounts that their server does not know any more. */
  readonly unknown: ReadonlySet<string>;
  /** Messages that were not genuine or not readable; a number for those who look into it. */
  readonly dropped: number;
}

export interface PhoneOptions {
  readonly io: CallIo;
  readonly store: PhoneStore;
  readonly ringer: Ringer;
  readonly verifier: UserVerifier;
  /** The phone's own clock. */
  after(millis: number, action: () => void): () => void;
  /** Whether somebody may be looking. */
  isVisible(): boolean;
  /** Takes the notification of that request away: it is before its person, or over. */
  quiet(messageId: string): void;
  onChange(): void;
}

/** The phone: its accounts, what arrives for them, and what its owner does about it. Knows no DOM. */
export const createPhone = ({ io, store, ringer, verifier, after, isVisible, quiet, onChange }: PhoneOptions) => {
  let history: readonly HistoryEntry[] = [];
  let isReady = false;
  let dropped = 0;
  const book = createAccountBook(store, onChange);
  const owner = createOwnerCheck(store, verifier, onChange);

  const note = async (request: SignInRequest, end: RequestEnd): Promise<void> => {
    const { messageId, accountId, title, name, context } = request;
    const entry: HistoryEntry = { messageId, accountId, title, name, end, at: io.clock.now(), context };
    history = [entry, ...history.filter((it) => it.messageId !== messageId)];
    await store.putHistory(entry);
    onChange();
  };

  const desk: RequestDesk = createRequestDesk({
    now: io.clock.now,
    after,
    verify: owner.verify,
    async prepare(request, decision) {
      const account = book.findPush(request.accountId);
      return account && answerBody(io, account, request, decision);
    },
    async send(request, decision, prepared) {
      const account = book.findPush(request.accountId);
      if (account === undefined) return 'refused';
      const outcome = await sendAnswer(io, account, request, decision, prepared);
      if (outcome === 'sent') {
        const lastAnswerAt = io.clock.now();
        await book.change(account.id, (it) => (it.push ? { ...it, push: { ...it.push, lastAnswerAt } } : it));
      }
      return outcome;
    },
    onEnd(request, end) {
      quiet(request.messageId);
      void note(request, end);
    },
    onChange,
  });

  /** From the relay, or from the service worker: whichever is first. */
  const receive = async (message: DeliveredMessage): Promise<void> => {
    if (history.some(({ messageId }) => messageId === message.messageId)) return;
    const opened = await openMessage(message, book.all(), io.clock.now());
    if (opened.kind === 'dropped') {
      dropped += 1;
      onChange();
    } else if (opened.kind === 'ran-out') {
      await note(opened.request, 'ran-out');
    } else {
      desk.arrive(opened.request);
      const account = book.findPush(opened.request.accountId);
      if (account === undefined || !isVisible()) return;
      quiet(message.messageId);
      await markShown(io, account, message.messageId);
    }
  };

  const channels = createChannels({
    io,
    book,
    ringer,
    isVisible,
    onMessage: (message) => void receive(message),
    onWithdrawn: desk.withdrawn,
    onChange,
  });

  return {
    view: (): PhoneView => ({
      isReady,
      accounts: book.all(),
      requests: desk.entries(),
      history,
      settings: owner.settings(),
      isConnected: channels.isConnected(),
      ring: ringer.state(),
      canVerify: owner.canVerify(),
      unknown: channels.unknown(),
      dropped,
    }),

    /** Reads the memory and begins to listen. */
    async start(): Promise<void> {
      [history] = await Promise.all([store.history(), book.load(), owner.load()]);
      isReady = true;
      onChange();
      channels.watchAll();
      // A browser may have changed its subscription while nobody looked.
      for (const { id, push } of book.answering()) if (push.wantsRing) await channels.move(id, true);
    },

    /** Nothing goes on after it: another tab has taken over. */
    stop: channels.stop,

    /** The page was opened, or is online again. */
    nudge(): void {
      channels.nudge();
      onChange();
    },

    receive,
    desk,

    async connect(code: SetupCode, deviceName: string): Promise<ConnectOutcome> {
      if (book.has(code)) return { problem: 'already-here' };
      const connected = await newAccount(io, code, {
        deviceName,
        wantsRing: () => owner.settings().wasAskedToRing && ringer.state() === 'possible',
        position: book.nextPosition,
      });
      if ('problem' in connected) return connected;
      await book.keep(connected.account);
      channels.watchAll();
      return connected;
    },

    rename: (id: string, label: string): Promise<void> =>
      book.change(id, (it) => ({ ...it, label: label.trim() === '' ? undefined : label.trim().slice(0, 64) })),

    /** One place up (-1) or down (1). */
    move: book.move,

    async remove(id: string): Promise<void> {
      book.leaveOut(id);
      desk.removeAccount(id);
      channels.forget(id);
      onChange();
      await store.removeAccount(id);
      if (!book.all().some(({ push }) => push?.channel.type === 'webpush')) await ringer.unsubscribe();
    },

    /** The next counted code. It is remembered as used before it is shown. */
    async nextCode(id: string): Promise<string | undefined> {
      const account = book.find(id);
      if (account?.codes?.type !== 'hotp') return undefined;
      const { codes } = account;
      await book.change(id, (it) => ({ ...it, codes: { ...codes, counter: codes.counter + 1 } }));
      return countedCode(codes, codes.counter);
    },

    changeSettings: owner.change,

    /** Approvals ask for the holder from now on; false where that could not be set up. */
    alwaysVerify: owner.alwaysVerify,

    /** All accounts ring here from now on, after the browser has asked its question; false where it will not. */
    async ring(): Promise<boolean> {
      await owner.change({ wasAskedToRing: true });
      if ((await ringer.subscribe()) === undefined) {
        onChange();
        return false;
      }
      const moved = [];
      for (const { id } of book.answering()) moved.push(await channels.move(id, true));
      return moved.every(Boolean);
    },

    /** No requests for an hour, on no phone of the account; false where that could not be said. */
    async pause(id: string): Promise<boolean> {
      const account = book.findPush(id);
      return account !== undefined && pauseRequests(io, account);
    },

    /** Moves one account to this browser, which rings for it, or away from it. */
    ringHere: channels.move,
  };
};

/** The model behind the screens. */
export type Phone = ReturnType<typeof createPhone>;
