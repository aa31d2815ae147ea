import { readSecretFile, secretFileProblem } from '../settings/secret-file.ts';

/** One channel for all instances of an installation. */
const CHANNEL = 'assent:hints';
const CONNECT_MILLIS = 2_000;

export interface RedisAddress {
  /** `redis:` or `rediss:`, without a password. */
  readonly url: string;
  /** Read at each connect, so that a new password needs no restart. */
  readonly passwordFile?: string | undefined;
  /** Whom to believe that it is the server, beside the authorities of the system. */
  readonly authority?: string | undefined;
}

const passwordIn = (path: string): string => {
  const file = readSecretFile(path);
  if ('fault' in file) throw new Error(secretFileProblem('ASSENT_REDIS_PASSWORD_FILE', path, file.fault));
  return file.text;
};

/** The client takes a name in the URL for all that there is to say, and leaves out a password that stands beside it. */
const withNameApart = (url: string): { readonly url: string; readonly username?: string } => {
  const parsed = new URL(url);
  const username = decodeURIComponent(parsed.username);
  parsed.username = '';
  return { url: parsed.href, ...(username !== '' && { username }) };
};

/** Two connections to Redis: one that publishes, and one that only listens, as one that listens can do nothing else. */
export interface RedisConnection {
  publish(text: string): Promise<unknown>;
  close(): void;
}

/**
 * Connects, and listens; `onLost` comes once, when either connection is lost afterwards. The client would connect again by itself, but not
 * where it is answered by something that only looks alive.
 */
export const connectToRedis = async (
  { url, passwordFile, authority }: RedisAddress,
  onMessage: (text: string) => void,
  onLost: (cause: unknown) => void,
): Promise<RedisConnection> => {
  const [{ createClient }, password] = await Promise.all([
    // Many files, which only who has a Redis needs to load.
    import('@redis/client'),
    passwordFile === undefined ? undefined : passwordIn(passwordFile),
  ]);
  const client = () =>
    createClient({
      ...withNameApart(url),
      RESP: 2,
      ...(password !== undefined && { password }),
      disableOfflineQueue: true,
      disableClientInfo: true,
      socket: {
        reconnectStrategy: false,
        connectTimeout: CONNECT_MILLIS,
        ...(authority !== undefined && { tls: true as const, ca: authority }),
      },
    });
  const clients = [client(), client()] as const;
  const [publisher, subscriber] = clients;
  let isOpen = true;
  const close = () => {
    isOpen = false;
    for (const it of clients) if (it.isOpen) it.destroy();
  };
  const lose = (cause: unknown) => {
    if (!isOpen) return;
    close();
    onLost(cause);
  };
  const connecting = (async () => {
    await Promise.all(clients.map((it) => it.connect()));
    await subscriber.subscribe(CHANNEL, onMessage);
  })();
  // Without a listener an error would end the process; while they connect, the promise tells of it.
  let report: (cause: unknown) => void = () => {};
  for (const it of clients) it.on('error', (cause) => report(cause));
  try {
    await connecting;
  } catch (cause) {
    close();
    throw cause;
  }
  report = lose;
  return { publish: (text) => publisher.publish(CHANNEL, text), close };
};
