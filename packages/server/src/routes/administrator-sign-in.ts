import {
  type Configuration,
  type IdentityDirectory,
  type JourneyAnswer,
  JourneyError,
  type JourneyParameters,
  type JourneyRequest,
  type Journeys,
  type PasswordHasher,
  type SubmittedCallback,
} from '@assent/engine';
import { decodeHeaderText } from '@assent/nodes';
import { type Call, header } from '../http/call.ts';
import { rolesOf } from './access.ts';

export interface AdministratorSignInOptions {
  readonly journeys: Pick<Journeys, 'start' | 'continue'>;
  readonly configuration: Pick<Configuration, 'realm'>;
  readonly identities: Pick<IdentityDirectory, 'find'>;
  readonly hasher: Pick<PasswordHasher, 'verify'>;
}

export interface FirstCall {
  readonly call: Call;
  /** That the query names. */
  readonly tree: string | undefined;
  readonly parameters: JourneyParameters;
  readonly request: JourneyRequest;
}

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** A name and a password may be asked for on one step, or on two. */
const MOST_STEPS = 2;

const NAME_HEADER = 'x-openam-username';
const PASSWORD_HEADER = 'x-openam-password';

/** Whether a call has a name and a password in its headers. */
export const hasCredentials = ({ request }: Call): boolean =>
  header(request, NAME_HEADER) !== undefined && header(request, PASSWORD_HEADER) !== undefined;

const isRefusal = (error: unknown): boolean =>
  error instanceof JourneyError && (error.code === 'LOGIN_FAILED' || error.code === 'NODE_FAILED');

/** Undefined where the step asks for anything else. */
const answersTo = (
  step: JourneyAnswer & { readonly kind: 'step' },
  { name, password }: Credentials,
): readonly SubmittedCallback[] | undefined => {
  const values: Readonly<Record<string, string>> = { NameCallback: name, PasswordCallback: password };
  const answers = step.callbacks.flatMap(({ type }) =>
    Object.hasOwn(values, type) ? [{ type, input: { '': values[type] } }] : [],
  );
  return answers.length === step.callbacks.length ? answers : undefined;
};

/**
 * Runs the journey of administrators for a first call in the root realm that names no tree and has the name and password of
 * one of them in its headers, as frodo makes it (design.md §3.3 "administrators"). Undefined where the call is to start what
 * it would start without them: also for an administrator with a wrong password, in about the same time, since another
 * answer would tell anybody who asks which names administer (I7).
 */
export const administratorSignIn = ({ journeys, configuration, identities, hasher }: AdministratorSignInOptions) => {
  const run = async ({ call, parameters, request }: FirstCall, credentials: Credentials) => {
    const realm = call.realmPath;
    const { adminTree: tree } = configuration.realm(realm) ?? {};
    let answer = await journeys.start({ realm, ...(tree !== undefined && { tree }), parameters, request });
    for (let steps = 0; steps < MOST_STEPS && answer.kind === 'step'; steps += 1) {
      const callbacks = answersTo(answer, credentials);
      if (callbacks === undefined) return undefined;
      answer = await journeys.continue({ realm, reference: answer.reference, callbacks, request });
      if (callbacks.some(({ type }) => type === 'PasswordCallback')) return answer;
    }
    return answer.kind === 'step' ? undefined : answer;
  };

  return async (first: FirstCall): Promise<JourneyAnswer | undefined> => {
    const { call, tree } = first;
    const givenName = header(call.request, NAME_HEADER);
    const givenPassword = header(call.request, PASSWORD_HEADER);
    if (givenName === undefined || givenPassword === undefined || tree !== undefined || call.realmPath !== '/') {
      return undefined;
    }
    const credentials = { name: decodeHeaderText(givenName), password: decodeHeaderText(givenPassword) };
    const identity = await identities.find('/', credentials.name);
    if (identity === undefined || rolesOf(identity).length === 0) {
      await hasher.verify(undefined, credentials.password);
      return undefined;
    }
    try {
      return await run(first, credentials);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
};
