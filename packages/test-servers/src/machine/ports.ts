import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/**
 * Below those that systems give to whoever connects somewhere, of which one may be taken by any call between the look and the use; a service of
 * the machine has one of the lower ones.
 */
const [LEAST, MOST] = [12_000, 32_000];

const isUnused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });

/** A port of the loopback interface that nobody listens on, and that nobody else is likely to ask for meanwhile. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(LEAST, MOST);
    if (await isUnused(port)) return port;
  }
};

/** Such ports, each another one. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
};

/** Whether somebody listens on a port. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
