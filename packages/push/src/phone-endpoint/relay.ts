import type { Clock, Random } from '@assent/engine';
import { auditChange, type Committer } from '@assent/engine/host';
import { type HintBus, phoneHint, requestHint } from '../delivery/hints.ts';
import type { PushTransports } from '../delivery/push-transport.ts';
import { openEs256, openHs256 } from '../jose/index.ts';
import type { DeviceReader, PushDevice } from '../model/devices.ts';
import type { MessageChange, MessageReader, PushMessage } from '../model/messages.ts';
import { relayAddress } from '../model/push-addresses.ts';
import { pauseOf } from '../model/push-limits.ts';
import {
  type DeliveredMessage,
  decodeJwsPayload,
  parseMessageReference,
  parseRelayTokenClaims,
  splitCompactJws,
} from '../protocol/index.ts';

export interface RelayDependencies {
  readonly messages: MessageReader;
  readonly devices: DeviceReader;
  readonly committer: Committer;
  readonly transports: Pick<PushTransports, 'hasService'>;
  readonly hints: HintBus;
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
  readonly publicUrl: string;
}

export interface RelayListener {
  onPush(message: DeliveredMessage): void;
  onWithdrawn(messageId: string): void;
  /** The stored messages could not be read; the stream goes on with the next hint or `refresh`. */
  onError(cause: unknown): void;
}

/** An open stream of one phone. */
export interface RelaySubscription {
  /** Looks again whether something came or went: hints may get lost, and messages expire without one. */
  refresh(): Promise<void>;
  close(): void;
}

/** Where our own phones fetch their messages (design.md §3.1). */
export interface Relay {
  /** The device that the bearer token proves, or undefined for everything else alike. */
  authenticate(request: {
    readonly realm: string;
    /** From the query; without it the token says which devices to try. */
    readonly mechanismUid: string | undefined;
    /** The value of `Authorization`. */
    readonly authorization: string | undefined;
  }): Promise<PushDevice | undefined>;
  /** All that wait for an answer, oldest first. */
  list(device: PushDevice): Promise<readonly DeliveredMessage[]>;
  /** Notes that the phone has shown a message of its own; false for any other body or message. */
  shown(device: PushDevice, body: unknown): Promise<boolean>;
  /** Pauses requests to all phones of the user for an hour, because the one who holds this one wants it so (SEC-26). */
  pause(device: PushDevice, transactionId: string): Promise<void>;
  /** Tells of what waits now, of what comes, and of what is withdrawn. */
  subscribe(device: PushDevice, listener: RelayListener): RelaySubscription;
}

export function relay(dependencies: RelayDependencies): Relay {
  const { messages, devices, committer, transports, hints, clock, random, publicUrl } = dependencies;
  const dummyKey = random.bytes(32);

  const pending = async (device: PushDevice): Promise<readonly PushMessage[]> =>
    (await messages.pendingFor([device], clock.now())).filter((row) => row.envelope !== undefined);

  return {
    async authenticate({ realm, mechanismUid: named, authorization }) {
      const jwt = /^Bearer +([\w.-]+) *$/i.exec(authorization ?? '')?.[1];
      if (jwt === undefined) return undefined;
      const mechanismUid = named ?? claimedMechanism(jwt);
      if (mechanismUid === undefined || mechanismUid.length > 128) return undefined;
      if (!transports.hasService(realm)) return undefined;
      const expectations = { now: clock.now(), audience: relayAddress(publicUrl, realm) };
      const candidates = await devices.byMechanism(realm, mechanismUid);
      // Unknown phones cost what known ones do (SEC-34).
      if (candidates.length === 0) openHs256(jwt, dummyKey, expectations);
      for (const device of candidates) {
        const opened =
          device.xKey === undefined
            ? openHs256(jwt, device.secret, expectations)
            : openEs256(jwt, device.xKey, expectations);
        const claims = opened.ok ? parseRelayTokenClaims(opened.claims) : opened;
        if (claims.ok && claims.value.mechanismUid === mechanismUid) return device;
      }
      return undefined;
    },

    list: async (device) => (await pending(device)).map(delivered),

    async shown(device, body) {
      const reference = parseMessageReference(body);
      if (!reference.ok) return false;
      const row = await messages.get(reference.value.messageId);
      if (row?.deviceUuid !== device.uuid) return false;
      if (row.delivery !== 'shown') {
        const marks = [{ id: row.id, delivery: 'shown' as const }];
        await committer.commit([{ type: 'push.delivery', marks } satisfies MessageChange]);
      }
      return true;
    },

    async pause({ userId, realm, uuid }, transactionId) {
      const at = clock.now();
      const said = { userId, outcome: 'phone', detail: { device: uuid } };
      await committer.commit([...pauseOf(userId, at), auditChange({ at, realm, transactionId }, 'PUSH_PAUSED', said)]);
    },

    subscribe(device, listener) {
      /** What the phone knows to be open, and how the hint of its request is ended. */
      const announced = new Map<string, () => void>();
      let isOpen = true;
      let reading: Promise<void> | undefined;
      let again = false;

      const read = async (): Promise<void> => {
        const rows = await pending(device);
        if (!isOpen) return;
        for (const id of announced.keys()) if (rows.every((row) => row.id !== id)) withdraw(id);
        for (const row of rows) if (!announced.has(row.id)) announce(row.request, delivered(row));
      };
      const announce = (request: string, message: DeliveredMessage): void => {
        const forget = hints.subscribe(requestHint(request), (committed) => {
          // What is being read from the store at this moment may be older.
          if (committed !== undefined && reading === undefined) withdraw(message.messageId);
          else refreshSoon();
        });
        announced.set(message.messageId, forget);
        listener.onPush(message);
      };
      const withdraw = (id: string): void => {
        const forget = announced.get(id);
        if (forget === undefined) return;
        announced.delete(id);
        forget();
        listener.onWithdrawn(id);
      };
      const readUntilQuiet = async (): Promise<void> => {
        try {
          do {
            again = false;
            await read();
          } while (again && isOpen);
        } finally {
          reading = undefined;
        }
      };
      /** One read at a time; a hint in between makes one more, however many there were. */
      const refresh = (): Promise<void> => {
        if (reading === undefined) reading = readUntilQuiet();
        else again = true;
        return reading;
      };
      const refreshSoon = () => {
        refresh().catch((cause) => listener.onError(cause));
      };
      const forgetDevice = hints.subscribe(
        phoneHint({ userId: device.userId, deviceUuid: device.uuid }),
        (committed) => {
          // Where the phone knows of no other message, none can have gone with this one, so nothing is left to be read.
          const message = committed !== undefined && 'message' in committed ? committed : undefined;
          const isAllThereIs = announced.size === 0 && reading === undefined;
          if (message !== undefined && isAllThereIs) announce(message.request, message.message);
          else refreshSoon();
        },
      );
      refreshSoon();

      return {
        refresh,
        close() {
          isOpen = false;
          forgetDevice();
          for (const forget of announced.values()) forget();
          announced.clear();
        },
      };
    },
  };
}

/** Where a token says that it comes from: only whose keys to try, nothing that is believed. */
const claimedMechanism = (jwt: string): string | undefined => {
  const split = splitCompactJws(jwt);
  const claims = split.ok ? decodeJwsPayload(split.value.payload) : split;
  return claims.ok && typeof claims.value.mechanismUid === 'string' ? claims.value.mechanismUid : undefined;
};

const delivered = ({ id, envelope }: PushMessage): DeliveredMessage => ({
  messageId: id,
  message: envelope?.jwt ?? '',
});
