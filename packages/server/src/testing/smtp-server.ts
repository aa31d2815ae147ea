import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

export interface SmtpRules {
  /** Lines after the greeting of EHLO. */
  readonly offers?: readonly string[];
  /** What it says instead of its usual answer to a command, by verb. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly user?: { readonly name: string; readonly password: string };
  readonly silent?: boolean;
  /** Sends this text over and over instead of an answer: at once, or once the connection is encrypted. */
  readonly floods?: { readonly text: string; readonly isEncrypted?: boolean };
  /** Encrypts, from the first byte on or when it is asked to. */
  readonly encrypts?: { readonly security: 'tls' | 'starttls'; readonly key: Buffer; readonly cert: Buffer };
}

/** As many bytes as one record of TLS has at most. */
export const FLOOD_PIECE = 16_384;

/** A strict mail server: it takes commands only in their order, and says so to whoever is out of it. */
export class SmtpServer {
  readonly commands: string[] = [];
  readonly mails: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #rules: SmtpRules;
  #waiting: (() => void)[] = [];

  constructor(rules: SmtpRules = {}) {
    this.#rules = rules;
    const serve = (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      if (rules.silent !== true) this.#serve(socket);
    };
    this.#server = rules.encrypts?.security === 'tls' ? createTlsServer(rules.encrypts, serve) : createServer(serve);
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next mail that nobody has taken yet, as it came. */
  async nextMail(): Promise<string> {
    while (this.mails.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.mails.shift() ?? '';
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Who has encrypted by a command is not greeted once more, and begins anew (RFC 3207 §4.2). */
  #serve(socket: Socket, { isGreeted = false } = {}): void {
    let phase: 'new' | 'ready' | 'from' | 'to' | 'data' = 'new';
    let isKnown = this.#rules.user === undefined;
    let data = '';
    let buffer = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    const { floods } = this.#rules;
    if (floods !== undefined && (floods.isEncrypted !== true || socket instanceof TLSSocket)) {
      const piece = floods.text.repeat(Math.ceil(FLOOD_PIECE / floods.text.length));
      const flood = () => {
        while (socket.writable && socket.write(piece));
      };
      socket.on('drain', flood).resume();
      flood();
      return;
    }
    const command = (line: string): void => {
      this.commands.push(line);
      const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
      const special = this.#rules.answers?.[verb];
      if (special !== undefined) return void say(special);
      const { encrypts } = this.#rules;
      if (verb === 'STARTTLS' && encrypts !== undefined && !isGreeted) {
        socket.removeAllListeners('data');
        say('220 go on');
        const secure = new TLSSocket(socket, { isServer: true, key: encrypts.key, cert: encrypts.cert });
        secure.on('error', () => undefined);
        this.#serve(secure, { isGreeted: true });
        return;
      }
      if (verb === 'QUIT') return void socket.end('221 bye\r\n');
      if (verb === 'EHLO' && phase === 'new') {
        phase = 'ready';
        const canEncrypt = this.#rules.encrypts?.security === 'starttls' && !isGreeted;
        const offers = [...(this.#rules.offers ?? []), ...(canEncrypt ? ['STARTTLS'] : [])];
        const lines = ['test', ...(this.#rules.user ? ['AUTH PLAIN'] : []), ...offers];
        for (const [at, text] of lines.entries()) say(`250${at === lines.length - 1 ? ' ' : '-'}${text}`);
        return;
      }
      if (verb === 'AUTH' && phase === 'ready') {
        const [, name, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0');
        isKnown = name === this.#rules.user?.name && password === this.#rules.user?.password;
        return void say(isKnown ? '235 ok' : `535 no: ${line}`);
      }
      if (verb === 'MAIL' && phase === 'ready' && isKnown && /^MAIL FROM:<[^<>\s]+>( \S+=\S+)*$/.test(line)) {
        phase = 'from';
        return void say('250 ok');
      }
      if (verb === 'RCPT' && phase === 'from' && /^RCPT TO:<[^<>\s]+>$/.test(line)) {
        phase = 'to';
        return void say('250 ok');
      }
      if (verb === 'DATA' && phase === 'to') {
        phase = 'data';
        return void say('354 go on');
      }
      say(isKnown ? '503 out of order' : '530 who are you?');
    };
    if (!isGreeted) say('220 test');
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (phase !== 'data') command(line);
        else if (line === '.') {
          this.mails.push(data);
          for (const wake of this.#waiting.splice(0)) wake();
          data = '';
          phase = 'ready';
          say(this.#rules.answers?.['.'] ?? '250 taken');
        } else data += `${line}\n`;
      }
    });
  }
}
