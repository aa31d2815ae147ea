import { createServer } from 'node:http';
import type { NewUsers } from './server-process.ts';

/** Lets the measuring process read what this one has used. On loopback, beside the server under test, never in it. */
export const startControl = (port: number, addUsers?: (users: NewUsers) => void): void => {
  createServer(async (request, response) => {
    if (request.url === '/users') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      addUsers?.(JSON.parse(Buffer.concat(chunks).toString()) as NewUsers);
    }
    response.end(JSON.stringify({ cpu: process.cpuUsage(), memory: process.memoryUsage() }));
  }).listen(port, '127.0.0.1');
};
