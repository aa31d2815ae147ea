import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import { NodeFailure, NotPreviewed } from '../model/errors.ts';
import { fillIn, type Localized, selectText } from '../model/localized.ts';
import type { ProofMethod } from '../model/proven-factors.ts';
import type { Session } from '../model/sessions.ts';
import { FAILURE } from '../model/tree.ts';
import type { Action, AuditDetail } from '../node/action.ts';
import { ForwardedRequest } from '../node/forwarded-request.ts';
import type { JourneyContext } from '../node/journey-context.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { ChildNode, LogLevel } from '../node/node-context.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { outcomeInside, outcomesInside } from '../node/outcomes-inside.ts';
import { standsAlone } from '../node/wrapped-definition.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';
import { wrappedNode } from '../tree/wrapped-node.ts';
import { settleEarned } from './earned.ts';
import { type ExecutionContext, nodeLogFields, visitedName } from './execution-context.ts';
import type { Visit } from './journey-observer.ts';
import { NodeJourneyContext } from './node-journey-context.ts';
import { NodeStateView, requiredOf } from './node-state-view.ts';
import { withUsedSession } from './used-sessions.ts';
import { beginWork, begunInside } from './walk-limits.ts';

/** How much of a value stands in a line of the log. */
const MAX_LOGGED = 2_000;
const NONE: Readonly<Record<string, string>> = Object.freeze({});

const without = <T>(from: ReadonlyMap<string, T>, name: string): ReadonlyMap<string, T> =>
  new Map([...from].filter(([other]) => other !== name));

/** Reads the session of the caller for a node, and notes that it was read. */
const readSession = ({ progress, unitOfWork }: ExecutionContext): Session | undefined => {
  const { session } = unitOfWork.request;
  if (session !== undefined) {
    const used = withUsedSession(progress.usedSessions, session);
    if (used !== progress.usedSessions) progress.keep('usedSessions', used, used.at(-1));
  }
  return session;
};

const goTo = (outcome: string, detail?: AuditDetail): Action =>
  detail === undefined ? { kind: 'goTo', outcome } : { kind: 'goTo', outcome, detail };
const send = (...callbacks: readonly SentCallback[]): Action => ({ kind: 'send', callbacks });

/**
 * What `process` and the hooks of a node are called with. Nodes take it apart, so everything with behaviour is made when it
 * is asked for: most nodes ask for little of it, and it is made for every node of every step.
 */
class NodeContext {
  readonly #context: ExecutionContext;
  readonly #node: CompiledNode;
  readonly #definition: NodeDefinition;
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
  #state: NodeStateView | undefined;

  constructor(
    context: ExecutionContext,
    node: CompiledNode,
    definition: NodeDefinition,
    sent: readonly SentCallback[],
    answers: readonly CallbackAnswer[],
  ) {
    this.#context = context;
    this.#node = node;
    this.#definition = definition;
    this.sent = sent;
    this.answers = answers;
  }

  get config() {
    return this.#node.config;
  }

  get nodeId() {
    return this.#node.id;
  }

  get realm() {
    return this.#context.unitOfWork.realm;
  }

  get request(): JourneyRequest {
    const { request } = this.#context.unitOfWork;
    return request.session === undefined ? request : new ForwardedRequest(request, () => readSession(this.#context));
  }

  get journey(): JourneyContext<ProofMethod> {
    return new NodeJourneyContext(this.#context, this.#node);
  }

  get state() {
    this.#state ??= new NodeStateView(this.#context, this.#node, requiredOf(this.#definition));
    return this.#state;
  }

  get ports() {
    return this.#node.ports(this.#context);
  }

  get runWrapped() {
    return async (given?: Readonly<Record<string, unknown>>): Promise<Action | { readonly problem: string }> => {
      const { progress } = this.#context;
      const name = visitedName(progress, this.#node);
      const settings = given ?? progress.settings.get(name);
      if (settings === undefined) return { problem: 'there are no settings from an earlier visit' };
      const node = wrappedNode(this.#node, settings);
      if ('problem' in node) return node;
      if (node.innerTree !== undefined || node.definition?.onJourneySuccess !== undefined) {
        progress.keep('settings', new Map(progress.settings).set(name, settings), { [name]: settings });
        progress.changed = true;
      }
      return processNode(this.#context, node, this.sent, this.answers);
    };
  }

  get resumed() {
    return this.#context.position.resumed;
  }

  get children(): readonly ChildNode[] {
    return this.#node.children.map((child) => ({
      id: child.id,
      type: child.type,
      outcomes: outcomesInside(this.#definition, child.id, child.outcomes),
      isStandalone: standsAlone(this.#definition, child.definition),
      process: async (sent, answers) => {
        const begun = begunInside(this.#context, child, () => beginNode(this.#context, child, sent, answers));
        const action = endNode(this.#context, child, begun instanceof Promise ? await begun : begun);
        return action.kind === 'goTo'
          ? { ...action, outcome: outcomeInside(this.#definition, child.id, action.outcome) }
          : action;
      },
    }));
  }

  get beginWork() {
    return (characters: number): Promise<void> => beginWork(this.#context, characters);
  }

  get runInnerTree() {
    return ({ errorsAsEnd = false }: { errorsAsEnd?: boolean } = {}) =>
      this.#context.enter(this.#node, this.sent, this.answers, errorsAsEnd);
  }

  /** Inside a page nobody knows where an outcome leads, and inside a tree nobody knows what comes after it. */
  get authLevelAhead() {
    return (outcome: string) =>
      this.#node.authLevelAhead === undefined || this.#context.position.depth > 0
        ? Number.POSITIVE_INFINITY
        : this.#node.authLevelAhead(outcome);
  }

  get endsInFailure() {
    return (outcome: string): boolean => this.#node.connections.get(outcome) === FAILURE;
  }

  get answered() {
    return (callback: { type: string; answerOf(answer: CallbackAnswer): unknown }) => {
      const position = this.sent.findIndex(({ type }) => type === callback.type);
      const answer = position < 0 ? undefined : this.answers[position];
      return answer === undefined ? undefined : callback.answerOf(answer);
    };
  }

  get text() {
    return (id: string, own: Localized = NONE, given: Readonly<Record<string, string>> = NONE) =>
      fillIn(this.#chosen(own) ?? this.#context.texts.text(this.#definition, id, this.#locales), given);
  }

  get choose() {
    return (own: Localized) => this.#chosen(own);
  }

  get fail() {
    return (id: string, given?: Readonly<Record<string, string>>, cause?: unknown): never => {
      throw new NodeFailure(this.#documented(id, given), { cause });
    };
  }

  get report() {
    return (id: string, given?: Readonly<Record<string, string>>, cause?: unknown) =>
      this.#context.log.warn(this.#documented(id, given), {
        ...nodeLogFields(this.#context, this.#node),
        ...(cause !== undefined && { cause }),
      });
  }

  get log() {
    return (level: LogLevel, msg: string, fields?: Readonly<Record<string, unknown>>) =>
      this.#context.log[level]?.(msg, {
        ...(fields !== undefined && { fields }),
        ...nodeLogFields(this.#context, this.#node),
      });
  }

  get goTo() {
    return goTo;
  }

  get send() {
    return send;
  }

  get #locales(): readonly string[] {
    return this.#context.unitOfWork.request.locales;
  }

  #chosen(own: Localized): string | undefined {
    return selectText(own, this.#locales, this.#definition.textFallback, [this.realm.locale]);
  }

  #documented(id: string, given: Readonly<Record<string, string>> = NONE): string {
    const values = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.slice(0, MAX_LOGGED)]));
    return fillIn(this.#definition.errors[id] ?? id, values);
  }
}

/** The context of one visit; fails for a type that this server does not have. */
export const nodeContext = (
  context: ExecutionContext,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): NodeContext => {
  if (node.definition === undefined) throw new NodeFailure(node.fault ?? '');
  return new NodeContext(context, node, node.definition, sent, answers);
};

/** Begins a visit; what it comes to must go through {@link endNode}. */
export const beginNode = (
  context: ExecutionContext,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): Visit => {
  const contextOfNode = nodeContext(context, node, sent, answers);
  if (context.isPreview && node.definition?.uses.some(({ access }) => access === 'acts')) throw new NotPreviewed();
  const visit = () => node.definition?.process(contextOfNode as never);
  return context.observer === undefined ? visit() : context.observer.visit(node, visit);
};

/** Runs one node once. */
const processNode = (
  context: ExecutionContext,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): Action | Promise<Action> => {
  const action = beginNode(context, node, sent, answers);
  return action instanceof Promise
    ? action.then((made) => endNode(context, node, made))
    : endNode(context, node, action);
};

/** Holds a node to what it may do, and notes that it was visited. */
export const endNode = (context: ExecutionContext, node: CompiledNode, action: Action | undefined): Action => {
  if (action === undefined) throw new TypeError(`Node ${node.type} returned no action.`);
  const { progress } = context;
  const visited = visitedName(progress, node);
  if (node.definition?.onJourneySuccess !== undefined && !progress.visited.has(visited)) {
    progress.keep('visited', new Set(progress.visited).add(visited), visited);
    progress.changed = true;
  }
  if (action.kind === 'send' && action.callbacks.length === 0) {
    throw new TypeError(`Node ${node.type} sent an empty list of callbacks.`);
  }
  if (action.kind === 'goTo' && !Object.hasOwn(node.outcomes, action.outcome)) {
    throw new TypeError(`Node ${node.type} went to "${action.outcome}", which its settings switch off.`);
  }
  if (action.kind === 'goTo' && progress.suspension !== undefined) {
    throw new TypeError(`Node ${node.type} suspended the journey and went on.`);
  }
  if (action.kind === 'goTo' && progress.challenges.has(visited))
    progress.keep('challenges', without(progress.challenges, visited), undefined);
  settleEarned(context);
  return action;
};
