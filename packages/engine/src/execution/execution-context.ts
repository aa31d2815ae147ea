import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import type { AnsweredBackChannel } from '../model/back-channels.ts';
import type { FailureReason } from '../model/errors.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { FollowedLink, NewestCodes, ProvenFactor, SentCode } from '../model/proven-factors.ts';
import type { SessionOptions } from '../model/sessions.ts';
import type { AuditDetail, InnerTreeEnd } from '../node/action.ts';
import type { TextCatalogue } from '../node/text-catalogue.ts';
import type { HandedOver } from '../state/handover.ts';
import type { JourneyState } from '../state/state.ts';
import type { CompiledNode, InnerTrees, Level } from '../tree/compiled-tree.ts';
import type { CredentialVersion } from '../unit-of-work/credential-version.ts';
import type { Lane } from '../unit-of-work/fair-queue.ts';
import type { ActingUnitOfWork } from '../unit-of-work/unit-of-work.ts';
import type { JourneyObserver } from './journey-observer.ts';
import type { Suspension } from './suspension.ts';
import type { UsedSession } from './used-sessions.ts';

/** Where the engine writes what the documented log texts and the operator need to know. */
export interface JourneyLog {
  /** What a script says about an ordinary run; a log may do without. */
  debug?(msg: string, fields: Readonly<Record<string, unknown>>): void;
  info?(msg: string, fields: Readonly<Record<string, unknown>>): void;
  /** `msg` is the documented text; `fields` never hold a secret. */
  warn(msg: string, fields: Readonly<Record<string, unknown>>): void;
  error(msg: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * Waits for a turn of a realm and of an address in it, after other requests have had theirs. The turn is over with the round of the event loop, so
 * what waits for something outside holds none. Throws `OVERLOADED` where too many wait.
 */
export type WalkTurns = (lane: Required<Lane>) => Promise<void>;

/** Everything that the nodes of one request share. */
export interface ExecutionContext {
  readonly unitOfWork: ActingUnitOfWork;
  /** Nothing that the nodes want is ever written, and none may act. */
  readonly isPreview: boolean;
  readonly state: JourneyState;
  readonly progress: JourneyProgress;
  readonly texts: TextCatalogue;
  readonly log: JourneyLog;
  readonly observer?: JourneyObserver | undefined;
  readonly bound: Map<string, unknown>;
  readonly trees: InnerTrees;
  /** Waits for the next turn of the walk; absent where walks take no turns. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
  /** Runs the tree that a node declares. */
  enter(
    node: CompiledNode,
    sent: readonly SentCallback[],
    answers: readonly CallbackAnswer[],
    errorsAsEnd: boolean,
  ): Promise<InnerTreeEnd>;
  readonly position: Position;
}

/** Where in which trees a walk is. */
export interface Position {
  /** How many trees are around the present one. */
  depth: number;
  /** Nodes passed in this request, in all trees. */
  passed: number;
  /** Nodes inside pages that have run in this request. */
  inside: number;
  /** Characters that the nodes of this request have gone through. */
  worked: number;
  /** Where the inner trees wait that this request goes on with, outermost first. */
  resumeAt: string[];
  /** The inner trees that wait now, outermost first. */
  waiting: Level[];
  /** Whether a link was followed and the node that it leads to has yet to run. */
  resumed: boolean;
  /** The last node that failed. */
  failure: { readonly error: unknown; readonly node: CompiledNode } | undefined;
}

export const newPosition = (): Position => ({
  depth: 0,
  passed: 0,
  inside: 0,
  worked: 0,
  resumeAt: [],
  waiting: [],
  resumed: false,
  failure: undefined,
});

/** What nodes have a journey keep outside its state. It changes by {@link JourneyProgress.keep} alone. */
export interface KeptMembers {
  readonly identity: string | undefined;
  /** Id of the one user whom the journey may still sign in, while it has identified none (docs/adr/0138). */
  readonly boundUser: string | undefined;
  readonly credential: CredentialVersion | undefined;
  /** The folded name of the user whom the journey named when it earned something, while it knew no user (docs/adr/0138). */
  readonly earnedFor: string | undefined;
  /** The factors that nodes have proven. In no compartment of the state, where authors and scripts could write (SEC-72). */
  readonly factors: readonly ProvenFactor[];
  /** The codes that nodes have sent, each with all places it went to, kept there for the same reason. Their number is bounded. */
  readonly sentCodes: readonly SentCode[];
  /** For whom the newest code was sent, by each way; kept there for the same reason. */
  readonly newestCodes: NewestCodes;
  /** The mailed link that was followed last, kept there for the same reason. */
  readonly followedLink: FollowedLink | undefined;
  /** The sessions of callers that nodes have read, kept there for the same reason: what they say holds while they live (docs/adr/0149). */
  readonly usedSessions: readonly UsedSession[];
  /** What nodes have sent to be signed and wait for an answer to, by {@link visitedName}; kept there for the same reason. */
  readonly challenges: ReadonlyMap<string, string>;
  /** What nodes have verified and other nodes will store, by kind; kept there for the same reason. */
  readonly handedOver: ReadonlyMap<string, HandedOver>;
  /** What is to become of the session. */
  readonly sessionOptions: Readonly<SessionOptions>;
  /** Visited nodes that want to know of success, by {@link visitedName}. */
  readonly visited: ReadonlySet<string>;
  /** The settings of wrapped nodes that are asked for again, likewise by name. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** For the answer to this request: stored nowhere, and counted as if it were. */
  readonly cookies: readonly JourneyCookie[];
}

/** What a journey would give to the session apart from proofs. */
export interface Earned {
  readonly authLevel: unknown;
  readonly properties: unknown;
  readonly successDetails: unknown;
  readonly successProperties: unknown;
}

/** Effects on the journey as a whole, kept with its state. */
export interface JourneyProgress extends KeptMembers {
  readonly journeyId: string;
  readonly tree: string;
  readonly expiresAt: number;
  /** The one that started the journey. */
  readonly backChannel: AnsweredBackChannel | undefined;
  /**
   * Puts a value in the place of a member. `added` is what it has and the value before it did not have, undefined where that is nothing: it counts
   * in the size of the state.
   *
   * @throws NodeFailure where the journey would keep too much
   */
  keep<Name extends keyof KeptMembers>(name: Name, value: KeptMembers[Name], added: unknown): void;
  /** A challenge for the node of that name, which no caller has seen before. */
  makeChallenge(name: string): string;
  changed: boolean;
  /** As the last node left it. */
  earned: Earned;
  /** Why the journey fails in this walk, if it does. */
  failureReason: { readonly user: string; readonly reason: FailureReason } | undefined;
  isReservedCookie(name: string): boolean;
  /** How the journey is suspended, where a node of this walk does it. */
  suspension: Suspension | undefined;
  /** Makes one, and the link that ends it. */
  suspend(minutes: number): { readonly suspension: Suspension; readonly link: string };
  now(): number;
  /** A code by a key of the server, or by that of `like`: who reads the row cannot guess from it. */
  digestOf(text: string, like?: string): string;
  audit(event: string, node: CompiledNode, detail?: AuditDetail): void;
  auditRefusal(factor: string, reason: 'wrong' | 'locked', node: CompiledNode): void;
}

/** The one way by which the members of a journey change: it counts first. */
export const keeperOf =
  (state: () => Pick<JourneyState, 'count'>, progress: () => KeptMembers): JourneyProgress['keep'] =>
  (name, value, added) => {
    if (added !== undefined) state().count(name, added);
    Object.assign(progress(), { [name]: value });
  };

export const NO_CALLBACKS: readonly SentCallback[] = Object.freeze([]);
export const NO_ANSWERS: readonly CallbackAnswer[] = Object.freeze([]);

/** A node's name among those of all trees of a journey; the id alone in the tree that was started. */
export const visitedName = ({ tree }: JourneyProgress, node: CompiledNode): string =>
  node.tree === tree ? node.id : `${node.id} ${node.tree}`;

export const visitedIn = (name: string): { readonly id: string; readonly tree: string } => {
  const at = name.indexOf(' ');
  return { id: name.slice(0, at), tree: name.slice(at + 1) };
};

/** The fields of a log line about a node. */
export const nodeLogFields = (context: ExecutionContext, node: CompiledNode) => ({
  journey: context.progress.tree,
  nodeType: node.type,
  nodeId: node.id,
  ...(node.tree !== context.progress.tree && { innerTree: node.tree }),
  realm: context.unitOfWork.realm.realm,
  transactionId: context.unitOfWork.request.transactionId,
});
