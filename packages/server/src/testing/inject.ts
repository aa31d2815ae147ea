import type { IncomingMessage, ServerResponse } from 'node:http';
import lightMyRequest, { type InjectOptions, type Response } from 'light-my-request';
import type { Assent } from '../composition/compose.ts';

/** How often each header came; Node says so, and the library that stands for it here does not. */
const distinct = (headers: InjectOptions['headers'] = {}): IncomingMessage['headersDistinct'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value ?? []].flat().map(String)]),
  );

/** Sends a request to the server as one that came over a socket, without one. */
export const inject = ({ app }: Pick<Assent, 'app'>, options: InjectOptions): Promise<Response> =>
  lightMyRequest((request, response) => {
    Object.defineProperty(request, 'headersDistinct', { value: distinct(options.headers) });
    app.server.emit('request', request as unknown as IncomingMessage, response as ServerResponse);
  }, options);
