import { createServer } from 'node:http';

/** Lets the measuring process read what this one has used. On loopback, beside the server under test, never in it. */
export const startControl = (port: number): void => {
  createServer((_request, response) => {
    response.end(JSON.stringify({ cpu: process.cpuUsage(), memory: process.memoryUsage() }));
  }).listen(port, '127.0.0.1');
};
