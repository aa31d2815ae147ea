import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import type { HttpConnection } from './http-connection.ts';
import { expectTo, WrongAnswer } from './journey-client.ts';

/** What a phone was told by the relay: the id of a message, and the message. */
interface Delivered {
  readonly messageId: string;
  readonly message: string;
}

const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');
const MAX_WAIT_MILLIS = 5_000;
const MESSAGE_PATH = '/am/json/push/sns/message?_action=';

const mac = (key: KeyObject, data: string | Buffer): Buffer => createHmac('sha256', key).update(data).digest();

const sign = (key: KeyObject, claims: object): string => {
  const input = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${input}.${mac(key, input).toString('base64url')}`;
};

/** A phone that signs with the shared key (spec: push-protocol §0.3, §2, §4) and is told of messages over a stream. */
export class Phone {
  readonly #key: KeyObject;
  readonly #mechanismUid: string;
  readonly #relay: string;
  readonly #port: number;
  #stream: ClientRequest | undefined;
  #message: Delivered | undefined;
  #listener: ((message: Delivered) => void) | undefined;

  private constructor(key: KeyObject, mechanismUid: string, relay: string, port: number) {
    this.#key = key;
    this.#mechanismUid = mechanismUid;
    this.#relay = relay;
    this.#port = port;
  }

  /** Scans the code and registers, over the connection. */
  static async register(connection: HttpConnection, port: number, uri: string, name: string): Promise<Phone> {
    const query = new URLSearchParams(uri.slice(uri.indexOf('?')));
    const parameter = (key: string) => Buffer.from(query.get(key) ?? '', 'base64url');
    const key = createSecretKey(parameter('s'));
    const address = parameter('r').toString('utf8').split('?', 1)[0] ?? '';
    const mechanismUid = randomUUID();
    const jwt = sign(key, {
      deviceId: `bench-${name}`,
      deviceName: name,
      deviceType: 'cli',
      communicationType: 'relay',
      mechanismUid,
      response: mac(key, parameter('c')).toString('base64'),
    });
    const reply = await connection.post(`${MESSAGE_PATH}register`, JSON.stringify({ messageId: query.get('m'), jwt }));
    expectTo(reply.status === 200, 'the phone to be registered', reply.body);
    return new Phone(key, mechanismUid, address.replace(/push\/sns\/message$/, 'push/relay'), port);
  }

  /** A phone that the server was told of without a registration (`NewUsers`). */
  static known(port: number, key: Buffer, mechanismUid: string): Phone {
    return new Phone(createSecretKey(key), mechanismUid, `http://localhost:${port}/am/json/push/relay`, port);
  }

  /** Opens the stream over which the server tells of messages. */
  async listen(): Promise<void> {
    const token = sign(this.#key, {
      iat: Math.floor(Date.now() / 1_000),
      jti: randomUUID(),
      mechanismUid: this.#mechanismUid,
      aud: this.#relay,
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#stream = get(
        {
          host: '127.0.0.1',
          port: this.#port,
          path: `/am/json/push/relay?mechanismUid=${this.#mechanismUid}`,
          headers: {
            host: `localhost:${this.#port}`,
            accept: 'text/event-stream',
            authorization: `Bearer ${token}`,
          },
        },
        resolve,
      ).on('error', reject);
    });
    expectTo(response.statusCode === 200, 'the relay to know the phone', String(response.statusCode));
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    let received = '';
    response.on('data', (chunk: string) => {
      received += chunk;
      for (let end = received.indexOf('\n\n'); end >= 0; end = received.indexOf('\n\n')) {
        this.#read(received.slice(0, end));
        received = received.slice(end + 2);
      }
    });
  }

  close(): void {
    this.#stream?.destroy();
  }

  /** The next message, which may have come already. */
  message(): Promise<Delivered> {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new WrongAnswer('The phone was told of no message.')), MAX_WAIT_MILLIS);
      this.#listener = (told) => {
        clearTimeout(timer);
        resolve(told);
      };
    });
  }

  /** Checks the message, and answers it with the number that the browser shows. */
  async approve(connection: HttpConnection, { messageId, message }: Delivered, number: string): Promise<void> {
    const end = message.lastIndexOf('.');
    const isGenuine = message.slice(end + 1) === mac(this.#key, message.slice(0, end)).toString('base64url');
    expectTo(isGenuine, 'a message that is signed with the shared key', message);
    const claims = JSON.parse(Buffer.from(message.split('.')[1] ?? '', 'base64url').toString('utf8')) as { c: string };
    const jwt = sign(this.#key, {
      response: mac(this.#key, Buffer.from(claims.c, 'base64')).toString('base64'),
      challengeResponse: number,
    });
    const reply = await connection.post(`${MESSAGE_PATH}authenticate`, JSON.stringify({ messageId, jwt }));
    if (reply.status !== 200) expectTo(false, 'the answer of the phone to be accepted', reply.body);
  }

  #read(event: string): void {
    if (!event.startsWith('event: push\n')) return;
    const message = JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Delivered;
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) this.#message = message;
    else listener(message);
  }
}
