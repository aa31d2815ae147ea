import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import { type BrowserFetch, browserFetch, memoryStorage } from '../support/browser-fetch.ts';
import { type ClockedServer, startClockedServer } from '../support/clocked-server.ts';
import { Phone, type PhoneWorld } from '../support/phone.ts';
import { sendByFetch } from '../support/wire.ts';

/** The address of an app on the same site as the server; only its origin is needed, since nothing is loaded from it. */
export const APP = 'http://localhost:5173';
export const PASSWORD = 'correct horse 7';

/** A started server whose root realm lists the app, and the people and phones around it. */
export interface ClientWorld extends PhoneWorld {
  readonly server: ClockedServer;
  readonly am: string;
  newUser(): Promise<string>;
  newPhone(): Phone;
  pass(millis: number): Promise<void>;
  close(): Promise<void>;
}

export const startClientWorld = async (origins: readonly string[] = [APP]): Promise<ClientWorld> => {
  const server = await startClockedServer();
  await allowOrigins(server, origins);
  let now = server.startedAt;
  const world: ClientWorld = {
    server,
    am: server.am,
    send: sendByFetch,
    now: () => now,
    async newUser() {
      const username = `user-${randomUUID().slice(0, 8)}`;
      await server.control('user', { username, password: PASSWORD, realm: '/' });
      return username;
    },
    newPhone: () => new Phone(world),
    async pass(millis) {
      now = Number((await server.control('advance', { millis })).now);
    },
    close: () => server.close(),
  };
  return world;
};

/** Puts what a page has where libraries look for it: `fetch`, and storage that starts empty. */
export const openPage = (origin = APP): BrowserFetch => {
  vi.unstubAllGlobals();
  const page = browserFetch(origin);
  vi.stubGlobal('fetch', page.fetch);
  vi.stubGlobal('localStorage', memoryStorage());
  vi.stubGlobal('sessionStorage', memoryStorage());
  return page;
};
