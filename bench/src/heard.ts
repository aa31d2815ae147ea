import { get, type IncomingMessage } from 'node:http';
import { HttpConnection } from './http-connection.ts';
import { expectTo, JourneyClient, outputOf } from './journey-client.ts';
import { knownPhone, PASSWORD, PHONE_KEY, waiting } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

/** As the login page waits: the event comes when it is time to submit the step (docs/adr/0015). */
const openStream = async (server: ServerProcess, authId: string): Promise<IncomingMessage> => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      {
        host: '127.0.0.1',
        port: server.port,
        path: '/am/json/realms/root/authenticate/wait',
        headers: {
          host: `localhost:${server.port}`,
          accept: 'text/event-stream',
          'x-assent-page': '1',
          'x-assent-authid': authId,
        },
      },
      resolve,
    ).on('error', reject);
  });
  expectTo(response.statusCode === 200, 'a stream', String(response.statusCode));
  response.setEncoding('utf8');
  return response;
};

const eventOf = (stream: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    stream.on('data', (chunk: string) => {
      received += chunk;
      const [, event] = /event: (\w+)\n/.exec(received) ?? [];
      if (event !== undefined) resolve(event);
    });
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('The stream ended without an event.')));
  });

/** P16: milliseconds from when a phone sends its answer to one instance until the page at another hears of it, once for each login. */
export const heardAfter = async (
  page: ServerProcess,
  phonesAt: ServerProcess,
  { prefix, logins }: { readonly prefix: string; readonly logins: number },
): Promise<readonly number[]> => {
  await page.addUsers({ prefix, count: logins, password: PASSWORD, phoneKey: PHONE_KEY });
  const [atPage, atPhone] = await Promise.all([HttpConnection.open(page.port), HttpConnection.open(phonesAt.port)]);
  const client = new JourneyClient(atPage, 'BenchPush');
  const times: number[] = [];
  for (let login = 0; login < logins; login += 1) {
    const phone = knownPhone(phonesAt, `${prefix}${login}`);
    await phone.listen();
    const step = await waiting(client, `${prefix}${login}`);
    const heard = openStream(page, step.authId).then(eventOf);
    const message = await phone.message();
    const sentAt = performance.now();
    await phone.approve(atPhone, message, String(outputOf(step, 'HiddenValueCallback', 'value')));
    expectTo((await heard) === 'ready', 'the page to be told that it may go on');
    times.push(performance.now() - sentAt);
    await client.finish(step);
    phone.close();
  }
  for (const connection of [atPage, atPhone]) connection.close();
  return times;
};
