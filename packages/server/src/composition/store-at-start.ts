import { once } from 'node:events';
import type { Server } from 'node:http';
import { Unavailable } from '@assent/engine';
import { errorBody } from '@assent/wire';
import type { Answer } from '../http/call.ts';
import { createLimitedServer } from '../http/http-server.ts';
import { writeJson } from '../http/write-answer.ts';
import type { Health } from '../platform/health.ts';
import type { Logger } from '../platform/log.ts';
import { placeOfData } from '../platform/open-store.ts';
import { after, systemRandom } from '../platform/system-ports.ts';
import { liveness, readiness, withoutBody } from '../routes/server/health.ts';
import type { ManagementServer } from '../routes/server/management-server.ts';
import type { Settings } from '../settings/settings.ts';

export interface StoreAtStartOptions<T> {
  readonly settings: Settings;
  readonly log: Logger;
  readonly health: Health;
  /** For those who run the server; it stays open when the store is there. */
  readonly management: Pick<ManagementServer, 'open'>;
  /** Opens the store and asks it all that the server has to know before it serves. Tried again from its beginning. */
  readonly begin: () => Promise<T>;
  /** Resolves after that time; the timer of the process where absent. */
  readonly wait?: (millis: number) => Promise<unknown>;
}

/** Often enough that the server is ready within ten seconds of the database's return (OPS-34). */
const TRY_AGAIN_MILLIS = 1_000;
/** What an operator reads who comes to look later; less often than it is tried. */
const TRIES_UNTIL_SAID_AGAIN = 30;
const RETRY_AFTER = { 'retry-after': '2' };

/** All that can be said without a database: that the process lives, and that it is too early for everything else. */
const answerTo = async (contextPath: string, url: string, health: Health): Promise<Answer> => {
  const [path] = url.split('?');
  switch (path?.startsWith(contextPath) ? path.slice(contextPath.length) : '') {
    case '/health/live':
      return liveness(health);
    case '/health/ready':
      return readiness(health);
    case '/json/health/live':
      return withoutBody(liveness(health));
    case '/json/health/ready':
      return withoutBody(await readiness(health));
  }
  return {
    status: 503,
    body: errorBody(503, 'The service cannot answer now. Try again shortly.'),
    headers: RETRY_AFTER,
  };
};

const openWaitingRoom = async ({ contextPath, host, port }: Settings, health: Health): Promise<Server> => {
  const room = createLimitedServer({}, (request, response) => {
    response.shouldKeepAlive = false;
    void answerTo(contextPath, request.url ?? '', health).then((answer) =>
      writeJson(response, answer, {}, systemRandom.uuid()),
    );
  });
  room.listen(port, host);
  await once(room, 'listening');
  return room;
};

const closeWaitingRoom = async (room: Server | undefined): Promise<void> => {
  if (room === undefined) return;
  const closed = once(room, 'close');
  room.close();
  room.closeAllConnections();
  await closed;
};

/**
 * Begins over the store. Where its database does not answer, yet or any more, the server waits for it: it lives, so that nobody starts it
 * anew for nothing, and is not ready, so that nobody is sent here (OPS-34). A database that refuses is no such case, and ends the start.
 */
export const beginOverStore = async <T>({
  settings,
  log,
  health,
  management,
  begin,
  wait = (millis) => new Promise<void>((resolve) => after(millis, resolve)),
}: StoreAtStartOptions<T>): Promise<T> => {
  let room: Server | undefined;
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        return await begin();
      } catch (failure) {
        if (!(failure instanceof Unavailable)) throw failure;
        if (tries % TRIES_UNTIL_SAID_AGAIN === 0) {
          const cause = failure.cause instanceof Error ? failure.cause.message : undefined;
          log.warn(
            { database: placeOfData(settings), setting: 'ASSENT_DATABASE_URL', problem: failure.message, cause },
            'Waiting for the database, live and not ready: nothing that works answers there.',
          );
        }
        health.awaitStore();
        await management.open();
        room ??= await openWaitingRoom(settings, health);
        await wait(TRY_AGAIN_MILLIS);
      }
    }
  } finally {
    await closeWaitingRoom(room);
    if (room !== undefined) log.info('The wait for the database is over.');
  }
};
