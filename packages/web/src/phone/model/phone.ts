import type { DeliveredMessage } from '@assent/push/protocol';
import { type Account, answersSignIns, type Channel, type CodePart, type PushAccount } from '../accounts/account.ts';
import { importCodeKey, importSharedKey } from '../accounts/device-keys.ts';
import { countedCode } from '../accounts/one-time-code.ts';
import {
  firstSettings,
  type HistoryEntry,
  type PhoneSettings,
  type PhoneStore,
  type RequestEnd,
} from '../accounts/phone-store.ts';
import type { Ringer, RingState } from '../browser/ringer.ts';
import type { UserVerifier } from '../browser/user-verifier.ts';
import { type RelayWatch, watchRelay } from '../server/relay-watch.ts';
import {
  answerBody,
  type CallIo,
  markShown,
  pauseRequests,
  refreshChannel,
  register,
  sendAnswer,
} from '../server/server-calls.ts';
import type { SetupCode } from '../server/setup-code.ts';
import { openMessage, type SignInRequest } from '../server/sign-in-request.ts';
import { createRequestDesk, type DeskEntry, type RequestDesk, type Verification } from './request-desk.ts';

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

/** How connecting an account ended. */
export type ConnectOutcome =
  | { readonly account: Account }
  | { readonly problem: 'used' | 'no-service' | 'unreachable' | 'already-here' };

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

/** HTTP/1.1 has six connections to a server: three streams leave room to answer. The other accounts ask. */
const MAX_STREAMS = 3;
const POLL_MILLIS = 3_000;
const IDLE_POLL_MILLIS = 30_000;

/** The phone: its accounts, what arrives for them, and what its owner does about it. Knows no DOM. */
export const createPhone = ({ io, store, ringer, verifier, after, isVisible, quiet, onChange }: PhoneOptions) => {
  let accounts: readonly Account[] = [];
  let history: readonly HistoryEntry[] = [];
  let settings: PhoneSettings = firstSettings;
  let isReady = false;
  let canVerify = false;
  let dropped = 0;
  const down = new Set<string>();
  const unknown = new Set<string>();
  const watches = new Map<string, RelayWatch>();

  const find = (id: string): Account | undefined => accounts.find((it) => it.id === id);
  const findPush = (id: string): PushAccount | undefined => accounts.filter(answersSignIns).find((it) => it.id === id);
  const keep = async (account: Account): Promise<void> => {
    const others = accounts.filter(({ id }) => id !== account.id);
    accounts = [...others, account].sort((a, b) => a.position - b.position);
    await store.putAccount(account);
    onChange();
  };
  /** Changes an account as it is now: what was read before a pause may be old. */
  const change = async (id: string, next: (account: Account) => Account): Promise<void> => {
    const account = find(id);
    if (account !== undefined) await keep(next(account));
  };

  const note = async (request: SignInRequest, end: RequestEnd): Promise<void> => {
    const { messageId, accountId, title, name, context } = request;
    const entry: HistoryEntry = { messageId, accountId, title, name, end, at: io.clock.now(), context };
    history = [entry, ...history.filter((it) => it.messageId !== messageId)];
    await store.putHistory(entry);
    onChange();
  };

  const verify = async ({ demandsVerification }: SignInRequest): Promise<Verification> => {
    if (!demandsVerification && !settings.alwaysVerifies) return 'passed';
    if (!canVerify) return 'impossible';
    const id = settings.verifierId ?? (await enrolVerifier());
    return id !== undefined && (await verifier.check(id)) ? 'passed' : 'failed';
  };
  const enrolVerifier = async (): Promise<string | undefined> => {
    const verifierId = await verifier.enrol();
    if (verifierId !== undefined) await changeSettings({ verifierId });
    return verifierId;
  };
  const changeSettings = async (change: Partial<PhoneSettings>): Promise<void> => {
    settings = { ...settings, ...change };
    onChange();
    await store.putSettings(settings);
  };

  const desk: RequestDesk = createRequestDesk({
    now: io.clock.now,
    after,
    verify,
    async prepare(request, decision) {
      const account = findPush(request.accountId);
      return account && answerBody(io, account, request, decision);
    },
    async send(request, decision, prepared) {
      const account = findPush(request.accountId);
      if (account === undefined) return 'refused';
      const outcome = await sendAnswer(io, account, request, decision, prepared);
      if (outcome === 'sent') {
        const lastAnswerAt = io.clock.now();
        await change(account.id, (it) => (it.push ? { ...it, push: { ...it.push, lastAnswerAt } } : it));
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
    const opened = await openMessage(message, accounts, io.clock.now());
    if (opened.kind === 'dropped') {
      dropped += 1;
      onChange();
    } else if (opened.kind === 'ran-out') {
      await note(opened.request, 'ran-out');
    } else {
      desk.arrive(opened.request);
      const account = findPush(opened.request.accountId);
      if (account === undefined || !isVisible()) return;
      quiet(message.messageId);
      await markShown(io, account, message.messageId);
    }
  };

  const watchAll = (): void => {
    const wanted = accounts.filter(answersSignIns).filter(({ id }) => !unknown.has(id));
    for (const [id, watch] of watches) {
      if (wanted.some((it) => it.id === id)) continue;
      watch.stop();
      watches.delete(id);
      down.delete(id);
    }
    for (const account of wanted) if (!watches.has(account.id)) watches.set(account.id, watch(account));
  };
  const watch = (account: PushAccount): RelayWatch =>
    watchRelay(
      io,
      account,
      {
        onMessage: (message) => void receive(message),
        onWithdrawn: desk.withdrawn,
        onConnection(state) {
          const was = down.size;
          if (state === 'up') {
            down.delete(account.id);
            void ringIfWanted(account.id);
          } else {
            down.add(account.id);
          }
          if (down.size !== was) onChange();
        },
        onUnknown() {
          unknown.add(account.id);
          onChange();
        },
      },
      { hasStream: watches.size < MAX_STREAMS, pollMillis: () => (isVisible() ? POLL_MILLIS : IDLE_POLL_MILLIS) },
    );

  /** Where an account's messages are to go, as its owner wants it and the browser allows. */
  const wantedChannel = async (wantsRing: boolean): Promise<Channel> => {
    const subscription = wantsRing && ringer.state() === 'possible' ? await ringer.subscribe() : undefined;
    return subscription === undefined
      ? { type: 'relay', deviceId: io.newId() }
      : { type: 'webpush', deviceId: subscription };
  };

  /** Tells the server of a changed setting or subscription; true where messages now go where they should. */
  const moveChannel = async (id: string, wantsRing: boolean): Promise<boolean> => {
    const account = findPush(id);
    if (account === undefined) return false;
    const channel = await wantedChannel(wantsRing);
    const { push } = account;
    const isSame =
      channel.type === push.channel.type && (channel.type === 'relay' || channel.deviceId === push.channel.deviceId);
    const isMoved = isSame || (await refreshChannel(io, account, channel));
    await change(id, (it) => {
      if (it.push === undefined) return it;
      return { ...it, push: { ...it.push, wantsRing, ...(isMoved && !isSame && { channel }) } };
    });
    if (isMoved && !isSame) {
      // The stream listens at the old address.
      watches.get(id)?.stop();
      watches.delete(id);
      watchAll();
    }
    return isMoved && (channel.type === 'webpush') === wantsRing;
  };

  /** The server answers for this account, so that it can be told where to ring. */
  const ringIfWanted = async (id: string): Promise<void> => {
    const push = findPush(id)?.push;
    if (push?.wantsRing === true && push.channel.type === 'relay') await moveChannel(id, true);
  };

  return {
    view: (): PhoneView => ({
      isReady,
      accounts,
      requests: desk.entries(),
      history,
      settings,
      isConnected: down.size === 0,
      ring: ringer.state(),
      canVerify,
      unknown,
      dropped,
    }),

    /** Reads the memory and begins to listen. */
    async start(): Promise<void> {
      [accounts, history, settings, canVerify] = await Promise.all([
        store.accounts().then((kept) => [...kept].sort((a, b) => a.position - b.position)),
        store.history(),
        store.settings(),
        verifier.isAvailable(),
      ]);
      isReady = true;
      onChange();
      watchAll();
      // A browser may have changed its subscription while nobody looked.
      for (const { id, push } of accounts.filter(answersSignIns)) if (push.wantsRing) await moveChannel(id, true);
    },

    /** Nothing goes on after it: another tab has taken over. */
    stop(): void {
      for (const it of watches.values()) it.stop();
      watches.clear();
    },

    /** The page was opened, or is online again. */
    nudge(): void {
      for (const it of watches.values()) it.nudge();
      onChange();
    },

    receive,
    desk,

    async connect(code: SetupCode, deviceName: string): Promise<ConnectOutcome> {
      const isHere = accounts.some(
        (it) =>
          it.issuer === code.issuer &&
          it.name === code.account &&
          ((it.push !== undefined && code.push !== undefined) || (it.codes !== undefined && code.oath !== undefined)),
      );
      if (isHere) return { problem: 'already-here' };
      // The browser's keys first: the server must not learn of a phone that cannot keep its side.
      const codes = code.oath === undefined ? undefined : await codePartOf(code.oath);
      let push: Account['push'];
      if (code.push !== undefined) {
        const registration = await register(io, code.push, {
          sharedKey: await importSharedKey(code.push.scanned.secret),
          deviceName,
          // A relay always works; a push service may not. The phone moves once the server knows it (docs/adr/0010).
          channel: { type: 'relay', deviceId: io.newId() },
          wantsRing: settings.wasAskedToRing && ringer.state() === 'possible',
        });
        if ('problem' in registration) return registration;
        push = registration.push;
      }
      const account: Account = {
        id: io.newId(),
        issuer: code.issuer,
        name: code.account,
        label: undefined,
        colour: code.colour,
        addedAt: io.clock.now(),
        position: Math.max(0, ...accounts.map(({ position }) => position)) + 1,
        push,
        codes,
      };
      await keep(account);
      watchAll();
      return { account };
    },

    rename: (id: string, label: string): Promise<void> =>
      change(id, (it) => ({ ...it, label: label.trim() === '' ? undefined : label.trim().slice(0, 64) })),

    /** One place up (-1) or down (1). */
    async move(id: string, by: -1 | 1): Promise<void> {
      const at = accounts.findIndex((it) => it.id === id);
      const [one, other] = [accounts[at], accounts[at + by]];
      if (one === undefined || other === undefined) return;
      await keep({ ...one, position: other.position });
      await keep({ ...other, position: one.position });
    },

    async remove(id: string): Promise<void> {
      accounts = accounts.filter((it) => it.id !== id);
      unknown.delete(id);
      desk.removeAccount(id);
      watchAll();
      onChange();
      await store.removeAccount(id);
      if (!accounts.some(({ push }) => push?.channel.type === 'webpush')) await ringer.unsubscribe();
    },

    /** The next counted code. It is remembered as used before it is shown. */
    async nextCode(id: string): Promise<string | undefined> {
      const account = find(id);
      if (account?.codes?.type !== 'hotp') return undefined;
      const { codes } = account;
      await change(id, (it) => ({ ...it, codes: { ...codes, counter: codes.counter + 1 } }));
      return countedCode(codes, codes.counter);
    },

    changeSettings,

    /** Approvals ask for the holder from now on; false where that could not be set up. */
    async alwaysVerify(isOn: boolean): Promise<boolean> {
      const id = !isOn || settings.verifierId !== undefined ? settings.verifierId : await enrolVerifier();
      // Who switches it off proves to be who switched it on.
      const isAllowed = id !== undefined && (isOn || (await verifier.check(id)));
      if (isAllowed) await changeSettings({ alwaysVerifies: isOn });
      return isAllowed;
    },

    /** All accounts ring here from now on, after the browser has asked its question; false where it will not. */
    async ring(): Promise<boolean> {
      await changeSettings({ wasAskedToRing: true });
      if ((await ringer.subscribe()) === undefined) {
        onChange();
        return false;
      }
      const moved = [];
      for (const { id } of accounts.filter(answersSignIns)) moved.push(await moveChannel(id, true));
      return moved.every(Boolean);
    },

    /** No requests for an hour, on no phone of the account; false where that could not be said. */
    async pause(id: string): Promise<boolean> {
      const account = findPush(id);
      return account !== undefined && pauseRequests(io, account);
    },

    /** Moves one account to this browser, which rings for it, or away from it. */
    ringHere: moveChannel,
  };
};

/** The model behind the screens. */
export type Phone = ReturnType<typeof createPhone>;

const codePartOf = async (oath: NonNullable<SetupCode['oath']>): Promise<CodePart> => {
  const key = await importCodeKey(oath.secret, oath.type === 'totp' ? oath.hash : 'SHA1');
  if (oath.type === 'totp') return { type: 'totp', key, digits: oath.digits, periodSeconds: oath.periodSeconds };
  return {
    type: 'hotp',
    key,
    digits: oath.digits,
    counter: oath.counter,
    checksumDigit: oath.checksumDigit === true,
    truncationOffset: oath.truncationOffset ?? -1,
  };
};
