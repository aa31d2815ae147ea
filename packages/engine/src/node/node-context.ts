import type { CallbackAnswer, CallbackDefinition, SentCallback } from '../callbacks/callback.ts';
import type { RealmSettings } from '../model/configuration.ts';
import type { Localized } from '../model/localized.ts';
import type { Port, PortsOf } from '../model/port.ts';
import type { ProofMethod } from '../model/proven-factors.ts';
import type { Input, StateKey } from '../state/state-key.ts';
import type { Action, AuditDetail, InnerTreeEnd } from './action.ts';
import type { JourneyContext } from './journey-context.ts';
import type { JourneyRequest } from './journey-request.ts';
import type { NodeState } from './node-state.ts';
import type { Outcomes } from './outcomes.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A node inside a page. */
export interface ChildNode {
  readonly id: string;
  readonly type: string;
  readonly outcomes: Outcomes;
  /** It is answered in place of the others, or they decide. */
  readonly isStandalone: boolean;
  /** Runs it with the callbacks it had sent and what came back for them; one that waits for nothing is done at once. */
  process(sent: readonly SentCallback[], answers: readonly CallbackAnswer[]): Action | Promise<Action>;
}

export interface NodeContext<
  Config,
  Outcome extends string,
  Inputs extends readonly Input[],
  Outputs extends readonly StateKey[],
  Uses extends readonly Port[],
  TextId extends string,
  ErrorId extends string,
  Method extends ProofMethod = never,
> {
  readonly config: Config;
  readonly nodeId: string;
  readonly realm: RealmSettings;
  readonly request: JourneyRequest;
  readonly journey: JourneyContext<Method>;
  readonly state: NodeState<Inputs, Outputs>;
  readonly ports: PortsOf<Uses>;
  readonly children: readonly ChildNode[];
  /**
   * Runs the node that this one `wraps`, in its place and with these settings; without any, with those of its last visit.
   * Settings that do not fit come back as the reason.
   */
  runWrapped(settings?: Readonly<Record<string, unknown>>): Promise<Action | { readonly problem: string }>;
  /** Runs the tree that this node declares with `innerTree`, or goes on with it; `errorsAsEnd` makes a node error an end. */
  runInnerTree(options?: { readonly errorsAsEnd?: boolean }): Promise<InnerTreeEnd>;
  /**
   * Called before work that grows with stored values, with the number of characters that it goes through: times the number of times. Much work waits
   * for a turn of the realm; too much fails the node.
   */
  beginWork(characters: number): Promise<void>;
  /**
   * The most that the authentication level can grow between this outcome and Success; undefined where no path leads
   * there. Inside a page, and where another tree is on the way, it may be anything.
   */
  authLevelAhead(outcome: Outcome): number | undefined;
  /** Whether the tree ends in Failure there and then; false inside a page, where nobody knows. */
  endsInFailure(outcome: Outcome): boolean;
  /** What this node had sent, and the checked answers, position by position; both empty on a first visit. */
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
  /** Whether the link was followed with which this node had suspended the journey. */
  readonly resumed: boolean;
  /** The answer to the first callback of that type; `true` for one without input; undefined on a first visit. */
  answered<Answer>(callback: Pick<CallbackDefinition<never, Answer>, 'type' | 'answerOf'>): Answer | undefined;
  /** The author's text in the reader's language, else the bundled one, with `{{name}}` filled in. */
  text(id: TextId, own?: Localized, values?: Readonly<Record<string, string>>): string;
  /** Picks from an author's message map that has no bundled text; undefined when there is nothing to show. */
  choose(own: Localized): string | undefined;
  /** Ends the journey in error; the log has the documented text with `{{name}}` filled in. */
  fail(id: ErrorId, values?: Readonly<Record<string, string>>, cause?: unknown): never;
  /** Writes the documented text to the log and goes on. */
  report(id: ErrorId, values?: Readonly<Record<string, string>>, cause?: unknown): void;
  /** Writes somebody else's words to the log, beside where they come from: for scripts. */
  log(level: LogLevel, msg: string, fields?: Readonly<Record<string, unknown>>): void;
  goTo(outcome: Outcome, detail?: AuditDetail): Action<Outcome>;
  send(...callbacks: readonly SentCallback[]): Action<never>;
}
