import type { AnsweredBackChannel } from './back-channels.ts';
import type { CallbackAnswer, SentCallback } from './callbacks/callback.ts';
import type { CompiledNode, InnerTrees, Level } from './compiled-tree.ts';
import { JourneyError, NodeFailure } from './errors.ts';
import type { Identity } from './identities.ts';
import type { JourneyCookie } from './journey-cookies.ts';
import { fillIn, type Localized, selectText } from './localized.ts';
import type {
  Action,
  AuditDetail,
  ChildNode,
  InnerTreeEnd,
  JourneyEffects,
  LogLevel,
  NodeDefinition,
  StateCompartments,
} from './node-definition.ts';
import { isSystemSessionProperty, type SessionWishes } from './sessions.ts';
import type { JourneyState } from './state.ts';
import { type Input, nameInState, type StateKey } from './state-key.ts';
import type { Binding, Submit } from './submit.ts';
import type { Suspension } from './suspension.ts';
import type { TextCatalogue } from './text-catalogue.ts';
import { wrappedNode } from './wrapped-node.ts';

/** Where the engine writes what the documented log texts and the operator need to know. */
export interface JourneyLog {
  /** What a script says about an ordinary run; a log may do without. */
  debug?(msg: string, fields: Readonly<Record<string, unknown>>): void;
  info?(msg: string, fields: Readonly<Record<string, unknown>>): void;
  /** `msg` is the documented text; `fields` never hold a secret. */
  warn(msg: string, fields: Readonly<Record<string, unknown>>): void;
  error(msg: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Everything that the nodes of one submit share. */
export interface Run {
  readonly submit: Submit;
  readonly state: JourneyState;
  readonly effects: RunEffects;
  readonly texts: TextCatalogue;
  readonly log: JourneyLog;
  readonly bound: Map<string, unknown>;
  readonly trees: InnerTrees;
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
  /** Nodes passed in this submit, in whichever tree. */
  passed: number;
  /** Where the inner trees wait that this submit goes on with, outermost first. */
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
  resumeAt: [],
  waiting: [],
  resumed: false,
  failure: undefined,
});

/** Effects on the journey as a whole, kept with its state. */
export interface RunEffects {
  readonly journeyId: string;
  readonly tree: string;
  readonly expiresAt: number;
  /** The one that started the journey. */
  readonly backChannel: AnsweredBackChannel | undefined;
  identity: string | undefined;
  /** What is to become of the session. */
  readonly wishes: SessionWishes;
  /** Visited nodes that want to know of success, by {@link visitedName}. */
  readonly visited: Set<string>;
  /** The settings of wrapped nodes that are asked for again, likewise by name. */
  readonly settings: Map<string, Readonly<Record<string, unknown>>>;
  changed: boolean;
  /** For the answer to this submit. */
  readonly cookies: JourneyCookie[];
  isReservedCookie(name: string): boolean;
  /** That of the node which suspends the journey in this walk. */
  suspension: Suspension | undefined;
  /** Makes one, and the link that ends it. */
  suspend(minutes: number): { readonly suspension: Suspension; readonly link: string };
  audit(event: string, node: CompiledNode, detail?: AuditDetail): void;
}

export const NO_CALLBACKS: readonly SentCallback[] = Object.freeze([]);
export const NO_ANSWERS: readonly CallbackAnswer[] = Object.freeze([]);

/** The shared state key and session property that lists the factors of a journey (spec: nodes-mfa §1, rule 9). */
export const NODE_TYPE = 'NodeType';

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

class NodeStateView {
  readonly #state: JourneyState;
  readonly #nodeId: string;
  readonly #reasons: ReadonlyMap<string, string | undefined>;
  readonly #nodeType: string;

  constructor(run: Run, node: CompiledNode, reasons: ReadonlyMap<string, string | undefined>) {
    this.#state = run.state;
    this.#nodeId = node.id;
    this.#nodeType = node.type;
    this.#reasons = reasons;
  }

  get(key: StateKey): unknown {
    const value = this.#state.get(nameInState(key, this.#nodeId));
    if (this.#reasons.size > 0 && this.#reasons.has(key.keyName) && isBlank(value)) {
      const reason = this.#reasons.get(key.keyName);
      if (reason !== undefined) throw new NodeFailure(reason);
      throw new JourneyError('NODE_INPUT_MISSING', {
        nodeType: this.#nodeType,
        nodeId: this.#nodeId,
        key: key.keyName,
        failureUrl: '',
      });
    }
    return value;
  }

  set(key: StateKey, value: unknown): void {
    const name = nameInState(key, this.#nodeId);
    if (key.compartment === 'transient') this.#state.setTransient(name, value);
    else this.#state.setShared(name, value);
  }

  merge(key: StateKey, members: Readonly<Record<string, unknown>>): void {
    this.#state.merge(nameInState(key, this.#nodeId), members, key.compartment);
  }

  remove(key: StateKey): void {
    this.#state.remove(nameInState(key, this.#nodeId));
  }

  read(name: string): unknown {
    return this.#state.get(name);
  }

  write(name: string, value: unknown): void {
    this.#state.setShared(name, value);
  }

  erase(name: string): void {
    this.#state.remove(name);
  }

  compartments(): StateCompartments {
    const { shared, transient, secure } = this.#state;
    return { shared, transient, secure };
  }

  place(name: string, value: unknown, compartment: 'shared' | 'transient'): void {
    if (compartment === 'transient') this.#state.setTransient(name, value);
    else this.#state.setShared(name, value);
  }

  displace(name: string, compartment: keyof StateCompartments): void {
    this.#state.drop(name, compartment);
  }
}

/** Inputs without which the node fails, with the documented text where it has one. */
const requiredInputs = (inputs: readonly Input[]): ReadonlyMap<string, string | undefined> =>
  new Map(
    inputs.flatMap((input): [string, string | undefined][] =>
      'optionalKey' in input
        ? []
        : 'requiredKey' in input
          ? [[input.requiredKey.keyName, input.reason]]
          : [[input.keyName, undefined]],
    ),
  );
const requiredByInputs = new WeakMap<readonly Input[], ReadonlyMap<string, string | undefined>>();

const requiredOf = ({ inputs }: NodeDefinition): ReadonlyMap<string, string | undefined> => {
  let required = requiredByInputs.get(inputs);
  if (required === undefined) {
    required = requiredInputs(inputs);
    requiredByInputs.set(inputs, required);
  }
  return required;
};

const wish = ({ effects }: Run, wishes: Omit<SessionWishes, 'properties'>): void => {
  Object.assign(effects.wishes, wishes);
  effects.changed = true;
};

const wishProperty = ({ effects }: Run, name: string, value: string | null): void => {
  effects.wishes.properties[name] = value;
  effects.changed = true;
};

const refuseSystemProperty = (name: string): void => {
  if (isSystemSessionProperty(name)) throw new NodeFailure(`Session property "${name}" belongs to the system.`);
};

/** What a node says about the journey as a whole. */
class EffectsOfNode implements JourneyEffects {
  readonly #run: Run;
  readonly #node: CompiledNode;

  constructor(run: Run, node: CompiledNode) {
    this.#run = run;
    this.#node = node;
  }

  get id(): string {
    return this.#run.effects.journeyId;
  }

  get tree(): string {
    return this.#run.effects.tree;
  }

  get expiresAt(): number {
    return this.#run.effects.expiresAt;
  }

  get backChannel(): AnsweredBackChannel | undefined {
    return this.#run.effects.backChannel;
  }

  identify(identity: Identity): void {
    const { effects } = this.#run;
    effects.identity = identity.id;
    delete effects.wishes.username;
    effects.changed = true;
  }

  identifyByName(username: string): void {
    this.#run.effects.identity = undefined;
    wish(this.#run, { username });
  }

  get identifiedUser(): string | undefined {
    return this.#run.effects.identity;
  }

  addNodeType(name: string): void {
    const list = `${this.#factors}${name}|`;
    this.#run.state.setShared(NODE_TYPE, list);
    wishProperty(this.#run, NODE_TYPE, list);
  }

  get nodeTypes(): readonly string[] {
    return this.#factors.split('|').filter((name) => name !== '');
  }

  get #factors(): string {
    return (this.#run.state.get(NODE_TYPE) as string | undefined) ?? '';
  }

  setSessionProperty(name: string, value: string): void {
    refuseSystemProperty(name);
    wishProperty(this.#run, name, value);
  }

  removeSessionProperty(name: string): void {
    refuseSystemProperty(name);
    wishProperty(this.#run, name, null);
  }

  setMaxSessionMinutes(maxSessionMinutes: number): void {
    wish(this.#run, { maxSessionMinutes });
  }

  setMaxIdleMinutes(maxIdleMinutes: number): void {
    wish(this.#run, { maxIdleMinutes });
  }

  setErrorMessage(errorMessage: string): void {
    wish(this.#run, { errorMessage });
  }

  setLockoutMessage(lockoutMessage: string): void {
    wish(this.#run, { lockoutMessage });
  }

  addSuccessDetails(details: Readonly<Record<string, string>>): void {
    wish(this.#run, { successDetails: { ...this.#run.effects.wishes.successDetails, ...details } });
  }

  addSuccessProperties(properties: Readonly<Record<string, string>>): void {
    wish(this.#run, { successProperties: { ...this.#run.effects.wishes.successProperties, ...properties } });
  }

  addFailureDetails(details: Readonly<Record<string, string>>): void {
    wish(this.#run, { failureDetails: { ...this.#run.effects.wishes.failureDetails, ...details } });
  }

  setCookie(cookie: JourneyCookie): void {
    const { effects } = this.#run;
    if (effects.isReservedCookie(cookie.name)) {
      throw new NodeFailure(`The cookie "${cookie.name}" belongs to the server.`);
    }
    effects.cookies.push(cookie);
  }

  suspend(minutes = this.#run.submit.realm.suspendedMinutes): string {
    const { effects } = this.#run;
    const { suspension, link } = effects.suspend(minutes);
    effects.suspension = suspension;
    effects.changed = true;
    return link;
  }

  audit(event: string, detail?: AuditDetail): void {
    this.#run.effects.audit(event, this.#node, detail);
  }
}

const portsOf = (run: Run, ports: readonly (readonly [string, Binding])[]): Readonly<Record<string, unknown>> => {
  const bound: Record<string, unknown> = {};
  for (const [name, binding] of ports) {
    let port = run.bound.get(name);
    if (port === undefined) {
      port = binding(run.submit);
      run.bound.set(name, port);
    }
    bound[name] = port;
  }
  return bound;
};

/** The fields of a log line about a node. */
export const nodeLogFields = (run: Run, node: CompiledNode) => ({
  journey: run.effects.tree,
  nodeType: node.type,
  nodeId: node.id,
  ...(node.tree !== run.effects.tree && { innerTree: node.tree }),
  realm: run.submit.realm.realm,
  transactionId: run.submit.request.transactionId,
});

const goTo = (outcome: string, detail?: AuditDetail): Action => ({
  kind: 'goTo',
  outcome,
  ...(detail && { detail }),
});
const send = (...callbacks: readonly SentCallback[]): Action => ({ kind: 'send', callbacks });

/**
 * What `process` and the hooks of a node are called with. Nodes take it apart, so everything with behaviour is made when it
 * is asked for: most nodes ask for little of it, and it is made for every node of every step.
 */
class NodeVisit {
  readonly #run: Run;
  readonly #node: CompiledNode;
  readonly #definition: NodeDefinition;
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
  #state: NodeStateView | undefined;

  constructor(
    run: Run,
    node: CompiledNode,
    definition: NodeDefinition,
    sent: readonly SentCallback[],
    answers: readonly CallbackAnswer[],
  ) {
    this.#run = run;
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
    return this.#run.submit.realm;
  }

  get request() {
    return this.#run.submit.request;
  }

  get journey(): JourneyEffects {
    return new EffectsOfNode(this.#run, this.#node);
  }

  get state() {
    this.#state ??= new NodeStateView(this.#run, this.#node, requiredOf(this.#definition));
    return this.#state;
  }

  get ports() {
    return portsOf(this.#run, this.#node.ports);
  }

  get runWrapped() {
    return async (given?: Readonly<Record<string, unknown>>): Promise<Action | { readonly problem: string }> => {
      const { effects } = this.#run;
      const name = visitedName(effects, this.#node);
      const settings = given ?? effects.settings.get(name);
      if (settings === undefined) return { problem: 'there are no settings from an earlier visit' };
      const node = wrappedNode(this.#node, settings);
      if ('problem' in node) return node;
      if (node.innerTree !== undefined || node.definition?.onJourneySuccess !== undefined) {
        effects.settings.set(name, settings);
        effects.changed = true;
      }
      return visit(this.#run, node, this.sent, this.answers);
    };
  }

  get resumed() {
    return this.#run.position.resumed;
  }

  get children(): readonly ChildNode[] {
    return this.#node.children.map((child) => ({
      id: child.id,
      type: child.type,
      outcomes: child.outcomes,
      process: (sent, answers) => visit(this.#run, child, sent, answers),
    }));
  }

  get runInnerTree() {
    return ({ errorsAsEnd = false }: { errorsAsEnd?: boolean } = {}) =>
      this.#run.enter(this.#node, this.sent, this.answers, errorsAsEnd);
  }

  /** Inside a page nobody knows where an outcome leads, and inside a tree nobody knows what comes after it. */
  get authLevelAhead() {
    return (outcome: string) =>
      this.#node.authLevelAhead === undefined || this.#run.position.depth > 0
        ? Number.POSITIVE_INFINITY
        : this.#node.authLevelAhead(outcome);
  }

  get answered() {
    return (callback: { type: string; answerOf(answer: CallbackAnswer): unknown }) => {
      const position = this.sent.findIndex(({ type }) => type === callback.type);
      const answer = position < 0 ? undefined : this.answers[position];
      return answer === undefined ? undefined : callback.answerOf(answer);
    };
  }

  get text() {
    return (id: string, own: Localized = {}, given: Readonly<Record<string, string>> = {}) =>
      fillIn(this.#chosen(own) ?? this.#run.texts.text(this.#definition, id, this.request.locales), given);
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
      this.#run.log.warn(this.#documented(id, given), {
        ...nodeLogFields(this.#run, this.#node),
        ...(cause !== undefined && { cause: String(cause) }),
      });
  }

  get log() {
    return (level: LogLevel, msg: string, fields: Readonly<Record<string, unknown>> = {}) =>
      this.#run.log[level]?.(msg, { ...fields, ...nodeLogFields(this.#run, this.#node) });
  }

  get goTo() {
    return goTo;
  }

  get send() {
    return send;
  }

  #chosen(own: Localized): string | undefined {
    return selectText(own, this.request.locales, this.#definition.textFallback, [this.realm.locale]);
  }

  #documented(id: string, given: Readonly<Record<string, string>> = {}): string {
    return fillIn(this.#definition.errors[id] ?? id, given);
  }
}

/** The context of one visit; fails for a type that this server does not have. */
export const nodeContext = (
  run: Run,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): NodeVisit => {
  if (node.definition === undefined) throw new NodeFailure(node.fault ?? '');
  return new NodeVisit(run, node, node.definition, sent, answers);
};

/** A node's name among those of all trees of a journey; the id alone in the tree that was started. */
export const visitedName = ({ tree }: RunEffects, node: CompiledNode): string =>
  node.tree === tree ? node.id : `${node.id} ${node.tree}`;

export const visitedIn = (name: string): { readonly id: string; readonly tree: string } => {
  const at = name.indexOf(' ');
  return { id: name.slice(0, at), tree: name.slice(at + 1) };
};

/** Runs one node once. */
export const visit = async (
  run: Run,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): Promise<Action> => {
  const context = nodeContext(run, node, sent, answers);
  const action = await node.definition?.process(context as never);
  if (action === undefined) throw new TypeError(`Node ${node.type} returned no action.`);
  const visited = visitedName(run.effects, node);
  if (node.definition?.onJourneySuccess !== undefined && !run.effects.visited.has(visited)) {
    run.effects.visited.add(visited);
    run.effects.changed = true;
  }
  if (action.kind === 'send' && action.callbacks.length === 0) {
    throw new TypeError(`Node ${node.type} sent an empty list of callbacks.`);
  }
  if (action.kind === 'goTo' && !(action.outcome in node.outcomes)) {
    throw new TypeError(`Node ${node.type} went to "${action.outcome}", which its settings switch off.`);
  }
  if (action.kind === 'goTo' && run.effects.suspension !== undefined) {
    throw new TypeError(`Node ${node.type} suspended the journey and went on.`);
  }
  return action;
};
