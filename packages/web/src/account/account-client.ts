import { realmPath } from '../kit/browser/realm-path.ts';
import { ruleName } from '../kit/parts/rule-name.ts';

/** What the rules of the realm say of a password that was thought of. */
export interface JudgedPassword {
  readonly minLength: number;
  /** By the names that identity management has for them, such as `DICTIONARY`. */
  readonly broken: readonly string[];
}

/** Who is signed in, as far as the server says. */
export type Account =
  | { readonly kind: 'signed-in'; readonly name: string; readonly realm: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unreachable' };

/** Who is signed in, for calls about that user. */
export type Owner = Extract<Account, { kind: 'signed-in' }>;

/** What a device is: a phone that approves sign-ins, a generator of one-time codes, or a passkey. */
export type DeviceKind = 'push' | 'oath' | 'webauthn';

/** What our page is told of a passkey beside the item. @see spec: webauthn §8.3 */
export interface PasskeyFacts {
  /** Its provider has copied it to other devices. */
  readonly synced: boolean;
  /** It can never leave its device. */
  readonly deviceBound: boolean;
  /** What it was made by; no more than a claim unless that is `attested` (WA-23). */
  readonly model?: string;
  readonly attested: boolean;
  readonly rpId?: string;
  /** It has counted less than before: there may be a copy of it. */
  readonly counterMismatchAt?: number;
}

export interface Device {
  readonly kind: DeviceKind;
  readonly uuid: string;
  readonly deviceName: string;
  /** Times of devices are milliseconds since 1970. */
  readonly createdDate: number;
  readonly lastAccessDate: number;
  /** Of a phone whose address is dead: it is not rung before its app was opened. */
  readonly unreachableSince?: number;
  /** Of a passkey, in base64url. */
  readonly credentialId?: string;
  readonly assent?: PasskeyFacts;
}

/** A place where the user is signed in; times are ISO 8601. */
export interface ListedSession {
  readonly sessionHandle: string;
  readonly startTime: string;
  readonly latestAccessTime: string;
  readonly isCurrent: boolean;
  readonly address?: string;
  readonly userAgent?: string;
}

/** An application that has access to the account; without times where the user has only agreed, and it holds nothing now. */
export interface Application {
  /** Of the client. */
  readonly _id: string;
  readonly name: string | null;
  /** What it says of each scope; of one that it says nothing of, its name. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly startTime?: string;
  readonly latestAccessTime?: string;
  readonly consentTime?: string;
}

/** Something that happened to the account. */
export interface Activity {
  readonly _id: string;
  readonly time: string;
  readonly event: string;
  readonly outcome?: string;
  readonly journey?: string;
  readonly address?: string;
  readonly userAgent?: string;
  /** The name of the one that it is about. */
  readonly application?: string;
  readonly byAdministrator: boolean;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Leads to what comes after; null where there is nothing. */
  readonly next: string | null;
}

/** How many recovery codes stand in for devices of a kind. */
export interface CodesLeft {
  readonly kind: DeviceKind;
  readonly count: number;
}

/** All that the page shows. */
export interface Overview {
  readonly devices: readonly Device[];
  /** For each kind of device that the user has: a code of one kind does not work where another is asked for. */
  readonly codesLeft: readonly CodesLeft[];
  readonly sessions: readonly ListedSession[];
  readonly applications: Page<Application>;
  readonly activity: Page<Activity>;
}

/**
 * What came of a call: `nobody` is signed in any more, `needsFactor` asks for a recent second factor, `needsSignIn` asks who has none for a
 * recent sign-in, `noAccount` says that the session is a guest's, `changed` says that what was to be changed is not as it was, `tooOften` that it is
 * refused for some minutes.
 */
export type Reply<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'nobody' | 'needsFactor' | 'needsSignIn' | 'noAccount' | 'changed' | 'tooOften' | 'failed' }
  /** A value was not taken: that of this field. */
  | { readonly kind: 'refused'; readonly field: string };

type Json = Readonly<Record<string, unknown>>;

const failed = { kind: 'failed' } as const;

const jsonOf = async (response: Response): Promise<Json> => {
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null ? (body as Json) : {};
};

const listOf = <T>(body: Json): readonly T[] => (Array.isArray(body.result) ? (body.result as readonly T[]) : []);

const pageOf = <T>(body: Json): Page<T> => ({
  items: listOf<T>(body),
  next: typeof body.pagedResultsCookie === 'string' ? body.pagedResultsCookie : null,
});

const judgedPassword = (body: Json): JudgedPassword => {
  const failed = Array.isArray(body.failedPolicyRequirements) ? body.failedPolicyRequirements : [];
  const requirements = failed.flatMap((it: Json) =>
    Array.isArray(it.policyRequirements) ? it.policyRequirements : [],
  );
  return {
    minLength: Number(body.minLength),
    broken: requirements.map((it: Json) => ruleName(String(it.policyRequirement), { ...Object(it.params) })),
  };
};

/** What the account page says to the server. `context` is the page's own folder. @see journeys-rest.md §2.3, §2.4 */
export const createAccountClient = ({
  context,
  fetch,
  language,
}: {
  readonly context: string;
  readonly fetch: typeof globalThis.fetch;
  /** That of the page now: what applications say of themselves is read in it. */
  language(): string;
}) => {
  const send = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${context}json/${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        'Accept-API-Version': 'protocol=1.0,resource=2.0',
        'Accept-Language': language(),
        'X-Requested-With': 'assent-account',
        'X-Assent-Page': '1',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });

  const call = async <T>(read: (body: Json) => T, method: string, path: string, body?: object): Promise<Reply<T>> => {
    try {
      const response = await send(method, path, body);
      if (response.ok) return { kind: 'done', value: read(await jsonOf(response)) };
      if (response.status === 401) return { kind: 'nobody' };
      if (response.status === 404 || response.status === 409) return { kind: 'changed' };
      if (response.status === 429) return { kind: 'tooOften' };
      const { detail } = await jsonOf(response);
      if (response.status === 400 && typeof detail === 'object' && detail !== null && 'field' in detail)
        return { kind: 'refused', field: String(detail.field) };
      const needs = typeof detail === 'object' && detail !== null && 'needs' in detail ? detail.needs : undefined;
      if (needs === 'recentFactor') return { kind: 'needsFactor' };
      if (needs === 'account') return { kind: 'noAccount' };
      return needs === 'recentSignIn' ? { kind: 'needsSignIn' } : failed;
    } catch {
      return failed;
    }
  };

  const ofRealm = ({ realm }: Owner, path: string): string => `${realmPath(realm)}/${path}`;
  const ofUser = (owner: Owner, path: string): string =>
    ofRealm(owner, `users/${encodeURIComponent(owner.name)}/${path}`);
  const nothing = (): undefined => undefined;

  const devicesOf = (owner: Owner, kind: DeviceKind): Promise<Reply<readonly Device[]>> =>
    call(
      (body) => listOf<Omit<Device, 'kind'>>(body).map((device) => ({ ...device, kind })),
      'GET',
      ofUser(owner, `devices/2fa/${kind}?_queryFilter=true`),
    );
  /** A server from before there were passkeys has none. */
  const passkeysOf = async (owner: Owner): Promise<Reply<readonly Device[]>> => {
    const reply = await devicesOf(owner, 'webauthn');
    return reply.kind === 'changed' ? { kind: 'done', value: [] } : reply;
  };
  const codesOf = (owner: Owner, kind: DeviceKind): Promise<Reply<number>> =>
    call(({ result }) => Number(result), 'POST', ofUser(owner, `devices/2fa/${kind}?_action=countCodes`), {});
  const sessionsOf = (owner: Owner): Promise<Reply<readonly ListedSession[]>> => {
    const filter = `username eq ${JSON.stringify(owner.name)} and realm eq ${JSON.stringify(owner.realm)}`;
    return call(listOf<ListedSession>, 'GET', ofRealm(owner, `sessions?_queryFilter=${encodeURIComponent(filter)}`));
  };
  const from = (next: string | undefined): string =>
    next === undefined ? '' : `&_pagedResultsCookie=${encodeURIComponent(next)}`;
  const applicationsOf = (owner: Owner, next?: string): Promise<Reply<Page<Application>>> =>
    call(pageOf<Application>, 'GET', ofUser(owner, `oauth2/applications?_queryFilter=true&_pageSize=10${from(next)}`));
  const activityOf = (owner: Owner, next?: string): Promise<Reply<Page<Activity>>> =>
    call(pageOf<Activity>, 'GET', ofUser(owner, `activity?_pageSize=10${from(next)}`));

  return {
    who: async (): Promise<Account> => {
      const reply = await call(
        (body): Account =>
          typeof body.id === 'string'
            ? { kind: 'signed-in', name: body.id, realm: typeof body.realm === 'string' ? body.realm : '/' }
            : { kind: 'unreachable' },
        'POST',
        'users?_action=idFromSession',
        {},
      );
      if (reply.kind === 'done') return reply.value;
      return { kind: reply.kind === 'nobody' ? 'nobody' : 'unreachable' };
    },

    overview: async (owner: Owner): Promise<Reply<Overview>> => {
      const [phones, generators, passkeys, sessions, applications, activity] = await Promise.all([
        devicesOf(owner, 'push'),
        devicesOf(owner, 'oath'),
        passkeysOf(owner),
        sessionsOf(owner),
        applicationsOf(owner),
        activityOf(owner),
      ]);
      if (phones.kind !== 'done') return phones;
      if (generators.kind !== 'done') return generators;
      if (passkeys.kind !== 'done') return passkeys;
      if (sessions.kind !== 'done') return sessions;
      if (applications.kind !== 'done') return applications;
      if (activity.kind !== 'done') return activity;
      const devices = [...phones.value, ...generators.value, ...passkeys.value];
      const kinds = [...new Set(devices.map(({ kind }) => kind))];
      const codesLeft: CodesLeft[] = [];
      for (const { kind, reply } of await Promise.all(
        kinds.map(async (kind) => ({ kind, reply: await codesOf(owner, kind) })),
      )) {
        if (reply.kind !== 'done') return reply;
        codesLeft.push({ kind, count: reply.value });
      }
      return {
        kind: 'done',
        value: {
          devices,
          codesLeft,
          sessions: sessions.value,
          applications: applications.value,
          activity: activity.value,
        },
      };
    },

    olderActivity: activityOf,

    moreApplications: applicationsOf,

    /** By the action, because an id may have characters that no path has. */
    removeApplication: (owner: Owner, { _id }: Application): Promise<Reply<undefined>> =>
      call(nothing, 'POST', ofUser(owner, 'oauth2/applications?_action=revoke'), { clientId: _id }),

    rename: (owner: Owner, { kind, uuid }: Device, deviceName: string): Promise<Reply<undefined>> =>
      call(nothing, 'PUT', ofUser(owner, `devices/2fa/${kind}/${encodeURIComponent(uuid)}`), { deviceName }),

    remove: (owner: Owner, { kind, uuid }: Device): Promise<Reply<true>> =>
      call(() => true, 'DELETE', ofUser(owner, `devices/2fa/${kind}/${encodeURIComponent(uuid)}`)),

    /** Ten new codes for all devices of the user; the old ones stop. */
    renewCodes: (owner: Owner, kind: DeviceKind): Promise<Reply<readonly string[]>> =>
      call(
        ({ recoveryCodes }) => (Array.isArray(recoveryCodes) ? recoveryCodes.map(String) : []),
        'POST',
        ofUser(owner, `devices/2fa/${kind}?_action=renewCodes`),
        {},
      ),

    /** For an hour no request goes to any phone of the user. */
    pauseRequests: (owner: Owner): Promise<Reply<undefined>> =>
      call(nothing, 'POST', ofUser(owner, 'devices/2fa/push?_action=pause'), {}),

    /** All that is kept of the user, as it was signed. */
    exportData: (owner: Owner): Promise<Reply<Json>> =>
      call((body) => body, 'POST', ofRealm(owner, `users/${encodeURIComponent(owner.name)}?_action=export`), {}),

    endSessions: (owner: Owner, sessions: readonly ListedSession[]): Promise<Reply<undefined>> =>
      call(nothing, 'POST', ofRealm(owner, 'sessions?_action=logoutByHandle'), {
        sessionHandles: sessions.map(({ sessionHandle }) => sessionHandle),
      }),

    /** Whoever was signed in with the old one elsewhere is signed out. */
    changePassword: (
      owner: Owner,
      { current, next }: { readonly current: string; readonly next: string },
    ): Promise<Reply<undefined>> =>
      call(nothing, 'POST', ofRealm(owner, `users/${encodeURIComponent(owner.name)}?_action=changePassword`), {
        currentpassword: current,
        userpassword: next,
      }),

    /** Which rules a password would break, and how long it has to be; nothing is kept of it. */
    judgePassword: (owner: Owner, userpassword: string): Promise<Reply<JudgedPassword>> =>
      call(judgedPassword, 'POST', ofRealm(owner, `users/${encodeURIComponent(owner.name)}?_action=validatePassword`), {
        userpassword,
      }),

    /** Whether the server ended the session. A session that it no longer knows is ended too. */
    signOut: async (): Promise<boolean> => {
      const reply = await call(nothing, 'POST', 'sessions/?_action=logout', {});
      return reply.kind === 'done' || reply.kind === 'nobody';
    },
  };
};

/** The client of the account page. */
export type AccountClient = ReturnType<typeof createAccountClient>;
