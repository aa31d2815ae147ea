/** Who is signed in, as far as the server says. */
export type Account =
  | { readonly kind: 'signed-in'; readonly name: string; readonly realm: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unreachable' };

/** What the account page says to the server. `context` is the page's own folder. @see journeys-rest.md §2.3, §2.4 */
export const createAccountClient = ({
  context,
  fetch,
}: {
  readonly context: string;
  readonly fetch: typeof globalThis.fetch;
}) => {
  const post = (path: string): Promise<Response> =>
    fetch(`${context}json/${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Accept-API-Version': 'protocol=1.0,resource=2.0',
        'X-Requested-With': 'assent-account',
      },
      body: '{}',
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  return {
    who: async (): Promise<Account> => {
      try {
        const response = await post('users?_action=idFromSession');
        if (response.status === 401 || response.status === 403) return { kind: 'nobody' };
        const body: unknown = await response.json();
        if (!response.ok || typeof body !== 'object' || body === null || !('id' in body))
          return { kind: 'unreachable' };
        return { kind: 'signed-in', name: String(body.id), realm: 'realm' in body ? String(body.realm) : '/' };
      } catch {
        return { kind: 'unreachable' };
      }
    },
    /** Whether the server ended the session. A session that it no longer knows is ended too. */
    signOut: async (): Promise<boolean> => {
      try {
        const response = await post('sessions/?_action=logout');
        return response.ok || response.status === 401;
      } catch {
        return false;
      }
    },
  };
};

/** The client of the account page. */
export type AccountClient = ReturnType<typeof createAccountClient>;
