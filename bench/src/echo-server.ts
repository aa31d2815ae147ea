import { sign } from 'node:crypto';
import { createServer } from 'node:http';
import { newAssertion } from './asserted.ts';
import { startControl } from './control-server.ts';
import { newRsaKey } from './rsa-key.ts';

/**
 * The yardstick: reads a JSON body, parses it, stringifies it and answers, on `node:http` with nothing around it. At `/signed` it also
 * makes a signature by RS256, on a thread of the pool, as a token has it, and at `/asserted` it has the library of passkeys judge a sign-in.
 */
const [port = '', controlPort = ''] = process.argv.slice(2);
const privateKey = await newRsaKey();
/** Made at its first use: no other row has the library in its process. */
let assertion: ReturnType<typeof newAssertion> | undefined;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    const answer = () => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
      response.end(body);
    };
    const judged = async () => {
      assertion ??= newAssertion();
      await (await assertion)();
      answer();
    };
    if (request.url === '/signed') sign('sha256', body, privateKey, answer);
    else if (request.url === '/asserted') void judged();
    else answer();
  });
});
// Its connections are idle while the other servers are made ready and measured, also before their first request.
server.keepAliveTimeout = 0;
server.headersTimeout = 0;
server.requestTimeout = 0;
server.listen(Number(port), '127.0.0.1', () => startControl(Number(controlPort)));
