import type { DeliveredMessage } from '@assent/push/protocol';
import type { Channel, PushAccount } from '../accounts/account.ts';
import type { Ringer } from '../browser/ringer.ts';
import { type RelayWatch, watchRelay } from '../server/relay-watch.ts';
import { type CallIo, refreshChannel } from '../server/server-calls.ts';
import type { AccountBook } from './account-book.ts';

/** HTTP/1.1 has six connections to a server: three streams leave room to answer. The other accounts ask. */
const MAX_STREAMS = 3;
const POLL_MILLIS = 3_000;
const IDLE_POLL_MILLIS = 30_000;

/** The ways of messages to this phone: a watch on the relay for each account, and the push service of the browser where that rings. */
export interface Channels {
  isConnected(): boolean;
  /** Accounts that their server does not know any more. */
  unknown(): ReadonlySet<string>;
  /** Listens for the accounts that the book has now, and for no others. */
  watchAll(): void;
  /** The account was removed. */
  forget(id: string): void;
  stop(): void;
  nudge(): void;
  /** Tells the server of a changed setting or subscription; true where messages now go where they should. */
  move(id: string, wantsRing: boolean): Promise<boolean>;
}

export interface ChannelsOptions {
  readonly io: CallIo;
  readonly book: AccountBook;
  readonly ringer: Ringer;
  isVisible(): boolean;
  onMessage(message: DeliveredMessage): void;
  onWithdrawn: Parameters<typeof watchRelay>[2]['onWithdrawn'];
  onChange(): void;
}

export const createChannels = ({
  io,
  book,
  ringer,
  isVisible,
  onMessage,
  onWithdrawn,
  onChange,
}: ChannelsOptions): Channels => {
  const down = new Set<string>();
  const unknown = new Set<string>();
  const watches = new Map<string, RelayWatch>();

  const endWatch = (id: string): void => {
    watches.get(id)?.stop();
    watches.delete(id);
  };
  const watchAll = (): void => {
    const wanted = book.answering().filter(({ id }) => !unknown.has(id));
    for (const id of [...watches.keys()]) {
      if (wanted.some((it) => it.id === id)) continue;
      endWatch(id);
      down.delete(id);
    }
    for (const account of wanted) if (!watches.has(account.id)) watches.set(account.id, watch(account));
  };
  const watch = (account: PushAccount): RelayWatch =>
    watchRelay(
      io,
      account,
      {
        onMessage,
        onWithdrawn,
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

  const move = async (id: string, wantsRing: boolean): Promise<boolean> => {
    const account = book.findPush(id);
    if (account === undefined) return false;
    const channel = await wantedChannel(wantsRing);
    const { push } = account;
    const isSame =
      channel.type === push.channel.type && (channel.type === 'relay' || channel.deviceId === push.channel.deviceId);
    const isMoved = isSame || (await refreshChannel(io, account, channel));
    await book.change(id, (it) => {
      if (it.push === undefined) return it;
      return { ...it, push: { ...it.push, wantsRing, ...(isMoved && !isSame && { channel }) } };
    });
    if (isMoved && !isSame) {
      // The stream listens at the old address.
      endWatch(id);
      watchAll();
    }
    return isMoved && (channel.type === 'webpush') === wantsRing;
  };

  /** The server answers for this account, so that it can be told where to ring. */
  const ringIfWanted = async (id: string): Promise<void> => {
    const push = book.findPush(id)?.push;
    if (push?.wantsRing === true && push.channel.type === 'relay') await move(id, true);
  };

  return {
    isConnected: () => down.size === 0,
    unknown: () => unknown,
    watchAll,
    forget(id) {
      unknown.delete(id);
      watchAll();
    },
    stop() {
      for (const it of watches.values()) it.stop();
      watches.clear();
    },
    nudge() {
      for (const it of watches.values()) it.nudge();
    },
    move,
  };
};
