import {
  type Configuration,
  foldUsername,
  JourneyError,
  type JourneyRequest,
  MAX_ENTERED_NAME,
  MAX_ENTERED_PASSWORD,
  type PasswordHasher,
} from '@assent/engine';
import {
  failureUrlOf,
  type IdentityDirectory,
  type JourneyAnswer,
  type JourneyDependencies,
  type Journeys,
  SIGN_IN_HEADERS,
  type StartRequest,
  type SubmittedCallback,
  sourceOf,
  Turns,
} from '@assent/engine/host';
import { decodeHeaderText } from '@assent/nodes';
import { rolesOf } from '../../authorization/access.ts';
import { type Call, header } from '../../http/call.ts';

export interface HeaderSignInOptions {
  readonly journeys: Pick<Journeys, 'start' | 'continue' | 'preview' | 'status'>;
  readonly configuration: Pick<Configuration, 'realm' | 'tree'>;
  readonly identities: Pick<IdentityDirectory, 'find'>;
  readonly hasher: Pick<PasswordHasher, 'verify'>;
  readonly isAllowedRedirect: JourneyDependencies['isAllowedRedirect'];
}

/** Name and password, as somebody who signs in without a page sends them (AM's zero page login). */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

type Step = JourneyAnswer & { readonly kind: 'step' };

/** The node that takes name and password from the headers by itself, and asks for nothing. */
const TAKES_HEADERS = 'ZeroPageLoginNode';

/** A name and a password may be asked for on one step, or on two. */
const MAX_STEPS = 2;

const invalid = (reason: string): JourneyError => new JourneyError('REQUEST_INVALID', { reason });

/** The text of a header. Longer text is refused before a user is looked up: which journey would refuse it depends on who has the name. */
const entered = (headerName: string, value: string, longest: number): string => {
  const text = decodeHeaderText(value);
  if (text.length > longest) throw invalid(`The header ${headerName} is longer than ${longest} characters.`);
  return text;
};

/**
 * The name and password in the headers of a call; undefined unless it has both. A header that was sent twice, or is longer than what a
 * page takes, is refused.
 */
export const credentialsOf = ({ request }: Pick<Call, 'request'>): Credentials | undefined => {
  const name = header(request, SIGN_IN_HEADERS.username);
  const password = header(request, SIGN_IN_HEADERS.password);
  if (name === undefined || password === undefined) return undefined;
  // Node joins both values by a comma, which a value may have as well.
  const twice = Object.values(SIGN_IN_HEADERS).find((it) => (request.headersDistinct[it]?.length ?? 0) > 1);
  if (twice !== undefined) throw invalid(`The header ${twice} was sent twice; send it once.`);
  return {
    name: entered(SIGN_IN_HEADERS.username, name, MAX_ENTERED_NAME),
    password: entered(SIGN_IN_HEADERS.password, password, MAX_ENTERED_PASSWORD),
  };
};

/** Undefined where the step asks for anything else. */
const answersTo = (step: Step, { name, password }: Credentials): readonly SubmittedCallback[] | undefined => {
  const values: Readonly<Record<string, string>> = { NameCallback: name, PasswordCallback: password };
  const answers = step.callbacks.flatMap(({ type }) =>
    Object.hasOwn(values, type) ? [{ type, input: { '': values[type] } }] : [],
  );
  return answers.length > 0 && answers.length === step.callbacks.length ? answers : undefined;
};

/** What a step asks, whatever was put into it before. */
const questionOf = ({ callbacks }: Step): string =>
  JSON.stringify(callbacks.map(({ type, output }) => ({ type, output })));

/** A request as it would be without the two headers. */
const withoutCredentials = (request: JourneyRequest): JourneyRequest => {
  const { headers, parameters, cookies, session } = request;
  return {
    header: (name) => request.header(name),
    headerCount: (name) => request.headerCount(name),
    ...(headers && { headers }),
    ...(parameters && { parameters }),
    ...(cookies && { cookies }),
    locales: request.locales,
    clientAddress: request.clientAddress,
    transactionId: request.transactionId,
    ...(session && { session }),
  };
};

/** Whether a journey said no, for whatever reason of its own. */
const isRefusal = (error: unknown): boolean =>
  error instanceof JourneyError && ['LOGIN_FAILED', 'NODE_FAILED', 'TREE_NOT_FOUND'].includes(error.code);

/**
 * Starts a journey with the name and password of the headers: its first steps are answered with them, where they ask for
 * nothing else, and what then comes is the answer. The guess is one of the journey, and counts like any other. A journey that
 * asks the same again after it has had them, and knows nobody yet, did not take them, and gets AM's refusal instead of a page
 * that nobody looks at (spec: journeys-rest §1.9; ADR 0041).
 *
 * A call in the root realm that names no journey runs the one for administrators, for whoever has a role (design.md §3.3
 * "administrators"). Nobody learns from a wrong password who that is: what comes of one then depends on the default journey,
 * and is the same for everybody (I7).
 */
export const headerSignIn = (options: HeaderSignInOptions) => {
  const { journeys, configuration, identities, hasher } = options;
  const turns = new Turns();

  const refused = ({ realm: path, parameters }: StartRequest): JourneyError => {
    const realm = configuration.realm(path);
    return new JourneyError('LOGIN_FAILED', {
      failureUrl: realm === undefined ? '' : failureUrlOf(options, realm, parameters),
    });
  };

  const knowsSomebody = async ({ reference }: Step): Promise<boolean> =>
    (await journeys.status({ realm: reference.realm, reference }))?.identifiedUser !== undefined;

  const run = async (begin: StartRequest, credentials: Credentials): Promise<JourneyAnswer> => {
    const { realm, request } = begin;
    const asked: string[] = [];
    let answer = await journeys.start(begin);
    for (let hasPassword = false; answer.kind === 'step'; ) {
      const callbacks = answersTo(answer, credentials);
      if (callbacks === undefined) return answer;
      const question = questionOf(answer);
      const isAskedAgain = asked.includes(question);
      if (hasPassword && isAskedAgain && !(await knowsSomebody(answer))) throw refused(begin);
      if (hasPassword || isAskedAgain || asked.length === MAX_STEPS) return answer;
      asked.push(question);
      hasPassword = callbacks.some(({ type }) => type === 'PasswordCallback');
      answer = await journeys.continue({ realm, reference: answer.reference, callbacks, request });
    }
    return answer;
  };

  /** A default journey that cannot be started keeps no administrator out: who else would put it right? */
  const firstStep = async (begin: StartRequest): Promise<JourneyAnswer | undefined | 'none'> => {
    try {
      return await journeys.preview(begin);
    } catch (error) {
      if (error instanceof JourneyError && error.is('TREE_NOT_FOUND')) return 'none';
      throw error;
    }
  };

  /** Whether the default journey of the realm has a use for the headers, whoever's they are. */
  const isUsable = async (begin: StartRequest, credentials: Credentials): Promise<boolean> => {
    const { defaultTree = '' } = configuration.realm(begin.realm) ?? {};
    const nodes = Object.values(configuration.tree(begin.realm, defaultTree)?.tree.nodes ?? {});
    const first = await firstStep({ ...begin, request: withoutCredentials(begin.request) });
    if (first === 'none') return false;
    // The session that the caller has is enough for it, and it asks for nothing.
    if (first?.kind === 'success') return false;
    if (nodes.some(({ nodeType }) => nodeType === TAKES_HEADERS)) return true;
    return first !== undefined && answersTo(first, credentials) !== undefined;
  };

  /** What a journey came to, if it was convinced; undefined where it was not. */
  const convinced = async (begin: StartRequest, credentials: Credentials): Promise<JourneyAnswer | undefined> => {
    try {
      const answer = await run(begin, credentials);
      return answer.kind === 'success' || (await knowsSomebody(answer)) ? answer : undefined;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };

  const atTheRoot = async (begin: StartRequest, credentials: Credentials): Promise<JourneyAnswer> => {
    const { adminTree } = configuration.realm(begin.realm) ?? {};
    const usable = await isUsable(begin, credentials);
    const identity = await identities.find(begin.realm, credentials.name);
    const administers = identity !== undefined && rolesOf(identity).length > 0;
    const journey = administers && adminTree !== undefined ? { ...begin, tree: adminTree } : begin;
    if (usable) {
      const answer = await convinced(journey, credentials);
      if (answer === undefined) throw refused(begin);
      return answer;
    }
    const answer = administers ? await convinced(journey, credentials) : undefined;
    // It takes as long for a name that does not administer, and stands in the same line.
    const lane = { realm: begin.realm, caller: sourceOf(begin.request.clientAddress) };
    if (!administers) await hasher.verify(undefined, credentials.password, lane);
    return answer ?? (await journeys.start(begin));
  };

  /** One call at a time for a name from a place, administrator or not: the line for a guess would tell which (I7). */
  const inTurn = async (begin: StartRequest, credentials: Credentials): Promise<JourneyAnswer> => {
    const end = await turns.take(`${sourceOf(begin.request.clientAddress)} ${foldUsername(credentials.name)}`);
    try {
      return await atTheRoot(begin, credentials);
    } finally {
      end();
    }
  };

  return (begin: StartRequest, credentials: Credentials): Promise<JourneyAnswer> =>
    begin.tree === undefined && begin.realm === '/' ? inTurn(begin, credentials) : run(begin, credentials);
};
