import {
  type Identities,
  type JourneyRequest,
  type LogLevel,
  type ScriptDocument,
  shownAttributes,
} from '@assent/engine';
import { isPersistentCookie } from '../contextual/cookies/persistent-cookie.ts';
import { universalIdOf } from '../identity/users/universal-id.ts';
import type { ScriptBindings, ScriptOutcome, Scripts, ScriptUser } from './scripts.ts';

/** What AM writes where no script is chosen. */
export const NO_SCRIPT = '[Empty]';

/** A script that goes on asking for users is none that decides about a login. */
const MAX_USERS = 8;

/** What every script is given of the request. */
export const requestBindings = (
  request: JourneyRequest,
): Pick<ScriptBindings, 'requestHeaders' | 'requestParameters' | 'requestCookies' | 'existingSession'> => ({
  requestHeaders: request.headers ?? {},
  requestParameters: request.parameters ?? {},
  requestCookies: Object.fromEntries(
    Object.entries(request.cookies ?? {}).filter(([, value]) => !isPersistentCookie(value)),
  ),
  ...(request.session && {
    existingSession: { ...request.session.properties, UserToken: request.session.username },
  }),
});

/** How a script failed, as the documented texts of nodes name it. */
export type FailedScript = { readonly failed: { readonly line: string; readonly message: string } };

/**
 * Runs a script, with the users that it asks for. It asks in the middle of its run, where nothing can be awaited: so the
 * run is given up, the user is fetched, and the script begins again. Until it ends it has had no effect.
 */
export const runScript = async (
  ports: { readonly scripts: Scripts; readonly identities: Pick<Identities, 'find'> },
  script: ScriptDocument,
  bindings: Omit<ScriptBindings, 'users'>,
  log: (level: LogLevel, text: string, fields: { readonly script: string }) => void,
): Promise<Pick<Extract<ScriptOutcome, { result: unknown }>, 'result'> | FailedScript> => {
  const users: Record<string, ScriptUser | null> = {};
  const userOf = async (name: string): Promise<ScriptUser | null> => {
    const identity = await ports.identities.find(name);
    return identity === undefined
      ? null
      : { username: identity.username, universalId: universalIdOf(identity), attributes: shownAttributes(identity) };
  };
  let run = await ports.scripts.run(script, { ...bindings, users });
  while ('failure' in run && run.wanted !== undefined && Object.keys(users).length < MAX_USERS) {
    users[run.wanted] = await userOf(run.wanted);
    run = await ports.scripts.run(script, { ...bindings, users });
  }
  for (const { level, text } of run.logs) log(level, text, { script: script.name });
  if (!('failure' in run)) return { result: run.result };
  const { message, line } = run.failure;
  return { failed: { line: line === undefined ? '' : ` at line ${line}`, message } };
};
