import type { z } from 'zod';
import type { SentCallback } from '../callbacks/callback.ts';
import { matchCallbacks } from '../callbacks/callback-matching.ts';
import { NOTHING_EARNED } from '../execution/earned.ts';
import {
  type ExecutionContext,
  type JourneyProgress,
  keeperOf,
  NO_ANSWERS,
  NO_CALLBACKS,
  newPosition,
} from '../execution/execution-context.ts';
import { beginNode, endNode, nodeContext } from '../execution/node-context.ts';
import type { AnsweredBackChannel } from '../model/back-channels.ts';
import type { RealmSettings } from '../model/configuration.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { Port, PortsOf } from '../model/port.ts';
import {
  type FactorDevice,
  type FollowedLink,
  type NewestCodes,
  namesOf,
  type ProofMethod,
  type SentCode,
} from '../model/proven-factors.ts';
import type { SessionOptions } from '../model/sessions.ts';
import { treeDocument } from '../model/tree.ts';
import type { Action, AuditDetail, InnerTreeEnd } from '../node/action.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { settingsOfVersion } from '../node/node-version.ts';
import { TextCatalogue } from '../node/text-catalogue.ts';
import type { HandedOver } from '../state/handover.ts';
import { JourneyState } from '../state/state.ts';
import { keyOfInput, nameInState } from '../state/state-key.ts';
import { compileTree } from '../tree/compiled-tree.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';
import { type LogLine, memoryLog, testRealm } from './fake-request.ts';
import { testUserId } from './memory-ports.ts';
import { noteRun } from './node-coverage.ts';
import { TEST_START } from './simulated-clock.ts';
import { testUnitOfWork } from './test-unit-of-work.ts';

/** A node definition with its own types, as `defineNode` gives it. */
export type TestableNode = NodeDefinition & {
  readonly spec: { readonly config: z.ZodType; readonly uses?: readonly Port[] | undefined };
};

type ConfigOf<D extends TestableNode> = z.input<D['spec']['config']>;
type UsesOf<D extends TestableNode> = NonNullable<D['spec']['uses']>;
type RequiredUnlessEmpty<Name extends string, T> = [keyof T] extends [never]
  ? { readonly [N in Name]?: T }
  : { readonly [N in Name]: T };
type OptionalIfEmpty<Name extends string, T> =
  Record<never, never> extends T ? { readonly [N in Name]?: T } : { readonly [N in Name]: T };

/** A node inside the one under test. */
export interface TestChild {
  readonly id: string;
  readonly definition: NodeDefinition;
  readonly version?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What a callback comes back with: its main input, several by suffix, or undefined for "as it was sent". */
export type TestAnswer = string | number | boolean | Readonly<Record<string, unknown>> | undefined;

/** What a node runs with; settings without a default and ports are demanded by the compiler. */
export type GivenToNode<D extends TestableNode> = OptionalIfEmpty<'config', ConfigOf<D>> &
  RequiredUnlessEmpty<'ports', PortsOf<UsesOf<D>>> & {
    readonly nodeId?: string;
    /** Of the type; the newest where absent. */
    readonly version?: string;
    /** By name in state; a declared transient key goes to transient state. */
    readonly state?: Readonly<Record<string, unknown>>;
    readonly sent?: readonly SentCallback[];
    readonly answers?: readonly TestAnswer[];
    readonly request?: JourneyRequest;
    readonly realm?: Partial<RealmSettings>;
    readonly texts?: TextCatalogue;
    /** What `NodeType` would say of the user whom a node before this one has identified, else of the one named in state. */
    readonly nodeTypes?: readonly string[];
    /** Codes that nodes before this one have sent. */
    readonly sentCodes?: readonly SentCode[];
    /** The newest of them by each way. */
    readonly newestCodes?: NewestCodes;
    /** The challenge that this node has sent; a new one is {@link TEST_CHALLENGE}. */
    readonly challenge?: string;
    /** What nodes before this one have left to others, by the names of the kinds: `after` of an earlier run says. */
    readonly handedOver?: Readonly<Record<string, HandedOver>>;
    /** Id of the user whom a node before this one has identified. */
    readonly identified?: string;
    /** Id of the user whom a node before this one has bound the journey to. */
    readonly bound?: string;
    /** Which of that user's credentials the journey goes by; the first where absent. */
    readonly credentialRev?: number;
    /** The link was followed with which the node had suspended the journey. */
    readonly resumed?: boolean;
    readonly children?: readonly TestChild[];
    readonly childPorts?: Readonly<Record<string, unknown>>;
    /** What the tree comes to that the node runs. */
    readonly innerTree?: InnerTreeEnd;
    /** The back channel that started the journey. */
    readonly backChannel?: AnsweredBackChannel;
    readonly log?: ReturnType<typeof memoryLog>;
  };

export interface NodeResult {
  readonly action: Action;
  /** By name, from transient, then secure, then shared state. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly shared: Readonly<Record<string, unknown>>;
  readonly transient: Readonly<Record<string, unknown>>;
  readonly journey: {
    readonly identified: string | undefined;
    /** Id of the user that the journey is bound to. */
    readonly bound: string | undefined;
    readonly nodeTypes: readonly string[];
    /** What was proven, and of whom, by id. */
    readonly proven: readonly {
      readonly user: string;
      readonly method: ProofMethod;
      readonly device?: FactorDevice;
    }[];
    readonly sentCodes: readonly SentCode[];
    /** The link that the node says was followed. */
    readonly followedLink: FollowedLink | undefined;
    readonly handedOver: Readonly<Record<string, HandedOver>>;
    /** `null` stands for one that is to be removed. */
    readonly sessionProperties: Readonly<Record<string, string | null>>;
    readonly sessionOptions: Readonly<SessionOptions>;
    readonly cookies: readonly JourneyCookie[];
    /** For how many minutes the journey rests; undefined where it goes on. */
    readonly suspendedMinutes: number | undefined;
    /** Whether the journey tells this node when it succeeds. */
    readonly wantsSuccess: boolean;
  };
  readonly audit: readonly { readonly event: string; readonly detail?: AuditDetail }[];
  readonly log: readonly LogLine[];
  /** What was asked for; fails the test when the node went on instead. */
  readonly callbacks: readonly SentCallback[];
  /** What a node after it runs with, within the same request. */
  readonly after: Required<Pick<AnyGiven, 'state' | 'handedOver'>>;
  /** Runs the node again with what came back, in the state that a round trip leaves. */
  again(answers?: readonly TestAnswer[]): Promise<NodeResult>;
  /** Tells the node that the journey succeeds. */
  succeed(): Promise<NodeResult>;
}

const NODE_ID = 'n1';
/** Where a node's suspended journey is said to go on. */
export const TEST_RESUME_LINK = 'https://login.example.org/am/login?suspendedId=test-suspended-id';

/** What a node that is run alone has signed: 32 bytes, in base64url. */
export const TEST_CHALLENGE = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

/** Compiles the node as a tree of its own, so that tests meet the engine's real rules. */
const compiledNode = (definition: NodeDefinition, given: AnyGiven) => {
  const id = given.nodeId ?? NODE_ID;
  const children = given.children ?? [];
  const bindings = new Bindings();
  for (const [name, implementation] of Object.entries({ ...given.childPorts, ...given.ports })) {
    bindings.bind({ portName: name, access: 'acts' } as Port<string, unknown, 'acts'>, () => implementation);
  }
  const own: TestChild = { id, definition, ...given };
  const all = [own, ...children].map(({ version, ...node }) => ({
    id: node.id,
    definition: node.definition,
    config: settingsOfVersion(
      { type: node.definition.type, version: version ?? node.definition.version },
      node.config ?? {},
    ),
  }));
  const tree = compileTree(
    {
      realm: '/',
      name: 'Test',
      version: 1,
      tree: treeDocument.parse({ entryNodeId: id, nodes: { [id]: { nodeType: definition.type } } }),
      nodes: Object.fromEntries(
        all.map((node) => [node.id, { id: node.id, type: node.definition.type, config: node.config }]),
      ),
    },
    new Map(all.map((node) => [node.definition.type, node.definition])),
    bindings,
  );
  const node = tree.nodes.get(id);
  if (node?.definition === undefined) throw new TypeError(`The node did not compile: ${node?.fault}`);
  return node;
};

interface AnyGiven {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly ports?: Readonly<Record<string, unknown>>;
  readonly nodeId?: string;
  readonly version?: string;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly sent?: readonly SentCallback[];
  readonly answers?: readonly TestAnswer[];
  readonly request?: JourneyRequest;
  readonly realm?: Partial<RealmSettings>;
  readonly texts?: TextCatalogue;
  readonly nodeTypes?: readonly string[];
  readonly sentCodes?: readonly SentCode[];
  readonly newestCodes?: NewestCodes;
  readonly challenge?: string;
  readonly handedOver?: Readonly<Record<string, HandedOver>>;
  readonly identified?: string;
  readonly bound?: string;
  readonly credentialRev?: number;
  readonly resumed?: boolean;
  readonly children?: readonly TestChild[];
  readonly childPorts?: Readonly<Record<string, unknown>>;
  readonly innerTree?: InnerTreeEnd;
  readonly backChannel?: AnsweredBackChannel;
  readonly log?: ReturnType<typeof memoryLog>;
}

const userOf = ({ identified, state }: AnyGiven): string => identified ?? testUserId(String(state?.username ?? ''));

const transientNames = (definition: NodeDefinition, id: string): ReadonlySet<string> =>
  new Set(
    [...definition.inputs.map(keyOfInput), ...definition.outputs]
      .filter((key) => key.compartment === 'transient')
      .map((key) => nameInState(key, id)),
  );

const initialState = (definition: NodeDefinition, given: AnyGiven): JourneyState => {
  const names = transientNames(definition, given.nodeId ?? NODE_ID);
  const state = new JourneyState();
  for (const [name, value] of Object.entries(given.state ?? {})) {
    if (names.has(name)) state.transient[name] = value;
    else state.shared[name] = value;
  }
  return state;
};

const inputOf = (answer: TestAnswer, sent: SentCallback | undefined): Readonly<Record<string, unknown>> => ({
  ...sent?.input,
  ...(typeof answer === 'object' ? answer : answer !== undefined && { '': answer }),
});

const NO_TREE = async () => undefined;

const visitOnce = async (
  definition: NodeDefinition,
  given: AnyGiven,
  state: JourneyState,
  kind: 'process' | 'success',
): Promise<NodeResult> => {
  const node = compiledNode(definition, given);
  const sent = given.sent ?? NO_CALLBACKS;
  const answers =
    sent.length === 0
      ? NO_ANSWERS
      : matchCallbacks(
          sent,
          sent.map((callback, at) => ({ type: callback.type, input: inputOf(given.answers?.[at], callback) })),
        );
  const audit: { event: string; detail?: AuditDetail }[] = [];
  const log = given.log ?? memoryLog();
  const effects: JourneyProgress = {
    keep: keeperOf(
      () => state,
      () => effects,
    ),
    journeyId: 'test-journey',
    tree: 'Test',
    expiresAt: TEST_START + 300_000,
    identity: given.identified,
    boundUser: given.bound,
    credential:
      given.identified === undefined ? undefined : { userId: given.identified, rev: given.credentialRev ?? 1 },
    backChannel: given.backChannel,
    factors: (given.nodeTypes ?? []).map((name) => ({ name, user: userOf(given), at: TEST_START })),
    sentCodes: given.sentCodes ?? [],
    newestCodes: given.newestCodes ?? {},
    followedLink: undefined,
    usedSessions: [],
    challenges: new Map(given.challenge === undefined ? [] : [[node.id, given.challenge]]),
    handedOver: new Map(Object.entries(given.handedOver ?? {})),
    makeChallenge: () => TEST_CHALLENGE,
    sessionOptions: { properties: {} },
    visited: new Set(),
    settings: new Map(),
    changed: false,
    earned: NOTHING_EARNED,
    earnedFor: undefined,
    cookies: [],
    failureReason: undefined,
    isReservedCookie: (name) => name === 'session',
    suspension: undefined,
    suspend: (minutes) => ({
      suspension: { suspendedId: 'test-suspended-id', nonce: 'test-nonce', minutes },
      link: TEST_RESUME_LINK,
    }),
    now: () => TEST_START,
    digestOf: (text) => text,
    audit: (event, _node, detail) => {
      audit.push({ event, ...(detail && { detail }) });
    },
    auditRefusal: (outcome, reason) => {
      audit.push({ event: reason === 'locked' ? 'THROTTLED' : 'AUTH_FAIL', detail: { outcome } });
    },
  };
  const context: ExecutionContext = {
    unitOfWork: testUnitOfWork({ realm: testRealm(given.realm), ...(given.request && { request: given.request }) }),
    isPreview: false,
    state,
    progress: effects,
    texts: given.texts ?? new TextCatalogue(),
    log,
    bound: new Map(),
    trees: { versions: new Map(), open: NO_TREE, peek: NO_TREE, left: NO_TREE },
    position: { ...newPosition(), resumed: given.resumed ?? false },
    enter: async () => {
      if (given.innerTree === undefined) throw new TypeError('Say what the inner tree comes to: `innerTree`.');
      return given.innerTree;
    },
  };
  const note = (result: { readonly action?: Action; readonly error?: unknown }): void =>
    noteRun(definition, given.config ?? {}, { ...result, logged: log.lines.map(({ msg }) => msg) });
  let action: Action;
  try {
    if (kind === 'success') {
      await definition.onJourneySuccess?.(nodeContext(context, node, NO_CALLBACKS, NO_ANSWERS) as never);
      action = { kind: 'goTo', outcome: 'success' };
      // The journey has ended there: that is none of the node's outcomes.
      note({});
    } else {
      action = endNode(context, node, await beginNode(context, node, sent, answers));
      note({ action });
    }
  } catch (error) {
    note({ error });
    throw error;
  }
  if (kind === 'process') demandDeclared(definition, action);
  const { shared, transient, secure } = state;
  const after = { shared: { ...shared }, transient: { ...transient } };
  const everything = { ...shared, ...secure, ...transient };
  const handedOver = Object.fromEntries(effects.handedOver);
  return {
    action,
    state: everything,
    shared: after.shared,
    transient: after.transient,
    journey: {
      identified: effects.identity,
      bound: effects.boundUser,
      nodeTypes: namesOf(effects.factors),
      proven: effects.factors.flatMap(({ user, method, device }) =>
        method === undefined ? [] : [{ user, method, ...(device && { device }) }],
      ),
      sentCodes: effects.sentCodes,
      followedLink: effects.followedLink,
      handedOver,
      sessionProperties: effects.sessionOptions.properties,
      sessionOptions: effects.sessionOptions,
      cookies: effects.cookies,
      suspendedMinutes: effects.suspension?.minutes,
      wantsSuccess: effects.visited.has(node.id),
    },
    audit,
    log: log.lines,
    after: { state: everything, handedOver },
    get callbacks() {
      if (action.kind !== 'send') throw new TypeError(`The node asked nothing; it went to "${action.outcome}".`);
      return action.callbacks;
    },
    again(next = []) {
      const callbacks = action.kind === 'send' ? action.callbacks : NO_CALLBACKS;
      state.promote((name) => node.inputNames.has(name));
      const challenge = effects.challenges.get(node.id);
      const visit = {
        ...given,
        ...(challenge !== undefined && { challenge }),
        handedOver,
        ...(effects.boundUser !== undefined && { bound: effects.boundUser }),
        sent: callbacks,
        answers: next,
      };
      return visitOnce(definition, visit, state, 'process');
    },
    succeed: () => visitOnce(definition, given, state, 'success'),
  };
};

/** The reference says what a node sends, so it must say all of it. */
const demandDeclared = ({ type, sends }: NodeDefinition, action: Action): void => {
  if (action.kind !== 'send' || sends === 'anything') return;
  const other = action.callbacks.find((callback) => !sends.some((declared) => declared.type === callback.type));
  if (other !== undefined)
    throw new TypeError(`Node ${type} sent a ${other.type}, which its definition does not list under sends.`);
};

/** Runs one node by the engine's rules, without server or store. A node error rejects with its documented text. */
export const runNode = <D extends TestableNode>(definition: D, given: GivenToNode<D>): Promise<NodeResult> =>
  visitOnce(definition, given as AnyGiven, initialState(definition, given as AnyGiven), 'process');
