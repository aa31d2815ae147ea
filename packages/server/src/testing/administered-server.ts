import { afterAll, beforeAll } from 'vitest';
import { type JourneyConfigurationClient, journeyConfigurationClient } from './journey-configuration-client.ts';
import { type Method, type RestAnswer, type RestClient, restClient, signIn } from './rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from './steered-server.ts';

/** A server for all tests of a file, and calls in the name of its administrator. */
export interface AdministeredServer {
  readonly server: SteeredServer;
  /** As nobody. */
  readonly rest: RestClient;
  admin(method: Method, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<RestAnswer>;
  /** Trees and nodes of the root realm. */
  readonly journeys: JourneyConfigurationClient;
  /** Another one each time, with the shipped journeys and no service, so that no test sees what another has left. */
  newRealm(): Promise<string>;
}

/** Starts it before the tests of the file, and stops it after them. */
export const administeredServer = (): AdministeredServer => {
  let server: SteeredServer | undefined;
  let token: string | undefined;
  let realms = 0;
  const started = (): SteeredServer => {
    if (server === undefined) throw new Error('The server starts with the tests.');
    return server;
  };
  const rest: RestClient = (...call) => restClient(started())(...call);
  beforeAll(async () => {
    server = await steeredServer({ port: 8080 });
    token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  });
  afterAll(() => server?.assent.stop());
  return {
    get server() {
      return started();
    },
    rest,
    admin: (method, path, body, headers = {}) => rest(method, path, { token, body, headers }),
    get journeys() {
      return journeyConfigurationClient(rest, token);
    },
    async newRealm() {
      realms += 1;
      const realm = `/alpha${realms}`;
      await started().createRealm(realm);
      return realm;
    },
  };
};
