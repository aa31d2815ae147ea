import type { IncomingMessage, ServerResponse } from 'node:http';
import lightMyRequest, { type InjectOptions, type Response } from 'light-my-request';
import type { Assent } from '../compose.ts';

/** Sends a request to the server as one that came over a socket, without one. */
export const inject = ({ app }: Pick<Assent, 'app'>, options: InjectOptions): Promise<Response> =>
  lightMyRequest(
    (request, response) => app.server.emit('request', request as IncomingMessage, response as ServerResponse),
    options,
  );
