import { createServer } from 'node:http';
import { startControl } from './control-server.ts';

/** The yardstick: reads a JSON body, parses it, stringifies it and answers, on `node:http` with nothing around it. */
const [port = '', controlPort = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    response.end(body);
  });
});
// Its connections are idle while the other servers are measured; Assent keeps its own for as long.
server.keepAliveTimeout = 65_000;
server.listen(Number(port), '127.0.0.1', () => startControl(Number(controlPort)));
