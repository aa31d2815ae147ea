import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** The mail server of everybody: it takes whatever comes. */
export class Mailbox {
  /** To whom mail has come. */
  readonly addresses = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async launch(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    mailbox.#server.listen(0, '127.0.0.1');
    await once(mailbox.#server, 'listening');
    return mailbox;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let read = '';
    let to = '';
    let isData = false;
    socket.write('220 ready\r\n');
    socket.on('data', (chunk) => {
      read += chunk;
      for (;;) {
        const end = read.indexOf(isData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const text = read.slice(0, end);
        read = read.slice(end + (isData ? 5 : 2));
        if (isData) this.addresses.add(to);
        isData = !isData && /^DATA$/i.test(text);
        to = /^RCPT TO:<([^>]*)>/i.exec(text)?.[1] ?? to;
        socket.write(isData ? '354 go on\r\n' : /^QUIT$/i.test(text) ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
