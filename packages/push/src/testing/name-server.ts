import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

/** What a name server has for a name: addresses, a fault by its number (RFC 1035 §4.1.1), or no answer at all. */
export type NameAnswer = readonly string[] | 'silent' | 'NXDOMAIN' | 'SERVFAIL';

const FAULTS = { NXDOMAIN: 3, SERVFAIL: 2 } as const;
const A = 1;
const AAAA = 28;
const HEADER = 12;

const bytesOf = (address: string): Buffer => {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
};

/** A name server on this machine; it has no answer for names that it does not know. */
export const startNameServer = async (answerTo: (name: string) => NameAnswer | Promise<NameAnswer>) => {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const watchers = new Set<() => void>();
  socket.on('message', async (query, peer) => {
    const labels: string[] = [];
    let at = HEADER;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    const question = query.subarray(HEADER, at + 5);
    if (type === A) asked.push(name);
    for (const watch of watchers) watch();
    const answer = await answerTo(name);
    if (answer === 'silent') return;
    const isFault = typeof answer === 'string';
    const found = isFault ? [] : answer.filter((it) => isIP(it) === (type === AAAA ? 6 : 4)).map(bytesOf);
    const header = Buffer.alloc(HEADER);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (isFault ? FAULTS[answer] : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found.length, 6);
    const records = found.map((bytes) => {
      const record = Buffer.alloc(HEADER);
      record.writeUInt16BE(0xc0_0c, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt16BE(bytes.length, 10);
      return Buffer.concat([record, bytes]);
    });
    socket.send(Buffer.concat([header, question, ...records]), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    /** Names in the order in which their IPv4 addresses were asked for. */
    asked: asked as readonly string[],
    /** Once so many queries have come. */
    whenAsked: (count: number): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (asked.length < count) return;
          watchers.delete(look);
          done();
        };
        watchers.add(look);
        look();
      }),
    close: () => socket.close(),
  };
};
