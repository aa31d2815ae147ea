import { Agent, request } from 'node:https';
import { jsonObject, type Send } from './wire.ts';

/** Sends over https to a server that this authority vouches for. */
export const sendTrusting =
  (authority: string): Send =>
  ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const given = { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) };
      const agent = new Agent({ ca: authority });
      const sent = request(url, { method, agent, headers: given }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('error', reject).on('end', () => {
          const said = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          try {
            resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(said), body: jsonObject(text) });
          } catch {
            // A page of a proxy, for example.
            reject(new Error(`${method} ${url} was answered by ${answer.statusCode} without JSON: ${text}`));
          }
        });
      });
      sent.on('error', reject).end(json);
    });
