import type { Method, RestAnswer, RestClient } from './rest-client.ts';

const BASE = '/realms/root/realm-config/authentication/authenticationtrees';

/** Calls the resources of trees and nodes of the root realm as an administrator. */
export const journeyConfigurationClient = (rest: RestClient, token: string | undefined) => {
  const call = (
    method: Method,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RestAnswer> => rest(method, `${BASE}/${path}`, { token, body, ...(headers && { headers }) });

  return {
    call,
    /** Saves what a test stands on; what is refused fails the test with its reason. */
    async put(path: string, body: object): Promise<RestAnswer> {
      const answer = await call('PUT', path, body);
      if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer;
    },
  };
};

export type JourneyConfigurationClient = ReturnType<typeof journeyConfigurationClient>;
