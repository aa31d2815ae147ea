import type { z } from 'zod';
import type { CallbackAnswer, CallbackDefinition, SentCallback } from '../callbacks/callback.ts';
import type { AnsweredBackChannel } from '../model/back-channels.ts';
import type { RealmSettings } from '../model/configuration.ts';
import type { Identity } from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { FallbackStyle, Localized } from '../model/localized.ts';
import type { Port, PortsOf } from '../model/port.ts';
import type { Session } from '../model/sessions.ts';
import type { Input, OptionalInput, RequiredInput, StateKey, ValueOf } from '../state/state-key.ts';

/** Outcome ids with their titles, in the order in which they are shown. */
export type Outcomes = Readonly<Record<string, string>>;

/** An outcome that exists only with certain settings, or that they name. */
export interface ConditionalOutcome<Config> {
  readonly title: string;
  /** Always where absent. */
  readonly when?: (config: Config) => boolean;
  /** What the settings call it, before the title. */
  readonly titleOf?: (config: Config) => string;
}
export type OutcomeMap<Config> = Readonly<Record<string, string | ConditionalOutcome<Config>>>;
/** For ids that only the settings, or the nodes inside, know; a node that wraps another has that for a node inside. */
export type OutcomeFunction<Config> = (
  config: Config,
  children: readonly { readonly outcomes: Outcomes }[],
) => Outcomes;

/** What the browser or app said beside its callbacks. */
export interface JourneyRequest {
  /** By name; undefined where the header is absent, or is one that no journey is shown (`withheld-names.ts`). */
  header(name: string): string | undefined;
  /** How often it was sent; a header that stands twice is not one that stands once with a comma. */
  headerCount(name: string): number;
  /** All headers by lower-case name, without those that no journey is shown; absent where nobody needs them. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Values of the headers in which a client signs in without a page, by lower-case name: for the node made for that alone. */
  readonly signInHeaders?: Readonly<Record<string, readonly string[]>>;
  /** Query parameters by name, without those that carry a token. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** Cookies by name, without those of the server's own. */
  readonly cookies?: Readonly<Record<string, string>>;
  /** What the reader prefers, best first. */
  readonly locales: readonly string[];
  /** Of the peer, or what a trusted proxy says of it (SEC-63). */
  readonly clientAddress: string;
  /** Names the caller's browser where the user has signed in with it before (SEC-57). */
  browserKnownTo?(userId: string): string | undefined;
  readonly transactionId: string;
  /** The session that the caller presented, if it is live and of this realm. */
  readonly session?: Session;
}

/** What a step shows around its callbacks. */
export interface Presentation {
  readonly stage?: string;
  readonly header?: string;
  readonly description?: string;
}

/** Facts for the audit trail; never a secret, a code or a number. */
export type AuditDetail = Readonly<Record<string, string | number | boolean>>;

export type Action<Outcome extends string = string> =
  | { readonly kind: 'goTo'; readonly outcome: Outcome; readonly detail?: AuditDetail }
  | { readonly kind: 'send'; readonly callbacks: readonly SentCallback[]; readonly presentation?: Presentation };

/** What an inner tree came to. */
export type InnerTreeEnd =
  | { readonly kind: 'step'; readonly callbacks: readonly SentCallback[]; readonly presentation: Presentation }
  | { readonly kind: 'success' }
  | { readonly kind: 'failure' }
  /** There is no such tree, or it is switched off. */
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'error';
      readonly node: { readonly id: string; readonly displayName: string; readonly type: string };
      /** The documented text, as the log has it. */
      readonly message: string;
    };

/** What a node may say about the journey as a whole. */
export interface JourneyContext {
  readonly id: string;
  readonly tree: string;
  /** When the journey ends by itself, milliseconds. */
  readonly expiresAt: number;
  /** The back channel that started the journey, where one did. */
  readonly backChannel: AnsweredBackChannel | undefined;
  /** The user that this node has identified; the last one wins. */
  identify(identity: Identity): void;
  /** Id of the identified user, where a node has identified one. */
  readonly identifiedUser: string | undefined;
  /** Which of that user's credentials the journey goes by, see `Identity.credentialRev`; at its end, those that it has set. */
  readonly credentialRev: number | undefined;
  /** The same by name, looked up when the journey succeeds; a name that nobody has then fails it. */
  identifyByName(username: string): void;
  /** Notes a proven factor, for the session's `NodeType` (spec: nodes-mfa §1, rule 9); no state says so (docs/adr/0042). */
  addNodeType(name: string): void;
  readonly nodeTypes: readonly string[];
  /** A name that belongs to the system fails the node. */
  setSessionProperty(name: string, value: string): void;
  /** The session will not have it, whether this journey or the one before it set it. */
  removeSessionProperty(name: string): void;
  /** How long the session may last, in minutes; before the settings of the tree and the realm, after those of the user. */
  setMaxSessionMinutes(minutes: number): void;
  setMaxIdleMinutes(minutes: number): void;
  /** What the client reads if the journey ends in Failure. */
  setErrorMessage(text: string): void;
  /** What the client reads if the account turns out to be locked or not in use. */
  setLockoutMessage(text: string): void;
  /**
   * Members of the body if the journey succeeds, each as JSON text or as a text of its own; none takes the place of what
   * success says itself.
   */
  addSuccessDetails(details: Readonly<Record<string, string>>): void;
  /** The same out of properties of the session, by the member's name; a property that is not there gives none. */
  addSuccessProperties(properties: Readonly<Record<string, string>>): void;
  /** Members of `detail` if the journey ends in Failure. */
  addFailureDetails(details: Readonly<Record<string, string>>): void;
  /** Goes with the answer to this request, be it a step or success; a name that the server uses itself fails the node. */
  setCookie(cookie: JourneyCookie): void;
  /**
   * Lets the journey rest with the step that the node now sends, and returns the link that wakes it: once, and within
   * that many minutes, or the realm's. The node then runs again with `resumed`.
   */
  suspend(minutes?: number): string;
  /** One row of the audit trail, written by this request's commit. */
  audit(event: string, detail?: AuditDetail): void;
  /**
   * A guess was wrong, or came too early: `factor` names what was to be proven. It is written down whatever becomes of the
   * submit (SEC-56); what counts guesses is the `throttle` port. A guess that came while guesses are locked is none of those
   * that were looked at: `locked` says so.
   */
  auditRefusal(factor: string, reason?: 'wrong' | 'locked'): void;
}

type InputKey<I> =
  I extends OptionalInput<infer K> ? K : I extends RequiredInput<infer K> ? K : I extends StateKey ? I : never;
type CertainKey<I> =
  I extends RequiredInput<infer K> ? K : I extends OptionalInput ? never : I extends StateKey ? I : never;

export interface NodeState<Inputs extends readonly Input[], Outputs extends readonly StateKey[]> {
  /** From transient, then secure, then shared state. A missing required input fails the node with its documented text. */
  get<K extends InputKey<Inputs[number]> | Outputs[number]>(
    key: K,
  ): K extends CertainKey<Inputs[number]> ? ValueOf<K> : ValueOf<K> | undefined;
  set<K extends Outputs[number]>(key: K, value: ValueOf<K>): void;
  /** Adds members to an object where the key lives; members that another compartment holds stay there. */
  merge<K extends Outputs[number]>(key: K, members: Partial<ValueOf<K>>): void;
  /** Removes it from all compartments. */
  remove(key: Outputs[number] | InputKey<Inputs[number]>): void;
  /** By bare name, for nodes whose settings name the keys; declare them with `dynamicInputs`. */
  read(name: string): unknown;
  /** Into shared state by bare name, for nodes whose settings name the keys. */
  write(name: string, value: unknown): void;
  erase(name: string): void;
  /** All of it, for a node that hands it on to a script; to be copied, not changed. */
  compartments(): StateCompartments;
  /** By bare name, into the one or the other. */
  place(name: string, value: unknown, compartment: 'shared' | 'transient'): void;
  /** Out of one of them; what another holds under that name stays. */
  displace(name: string, compartment: keyof StateCompartments): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** State by where it lives; secure is what was transient before a round trip. */
export interface StateCompartments {
  readonly shared: Readonly<Record<string, unknown>>;
  readonly transient: Readonly<Record<string, unknown>>;
  readonly secure: Readonly<Record<string, unknown>>;
}

/** A node inside a page. */
export interface ChildNode {
  readonly id: string;
  readonly type: string;
  readonly outcomes: Outcomes;
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
> {
  readonly config: Config;
  readonly nodeId: string;
  readonly realm: RealmSettings;
  readonly request: JourneyRequest;
  readonly journey: JourneyContext;
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

/** Names in state, or `anything` for a node whose script may set what it likes. */
export type DynamicOutputs = readonly string[] | 'anything';

type OutcomeIds<O> = O extends (...args: never[]) => unknown ? string : Extract<keyof O, string>;

export interface NodeSpec<
  Shape extends z.ZodRawShape,
  O extends OutcomeMap<z.output<z.ZodObject<Shape>>> | OutcomeFunction<z.output<z.ZodObject<Shape>>>,
  Inputs extends readonly Input[],
  Outputs extends readonly StateKey[],
  Uses extends readonly Port[],
  Texts extends Readonly<Record<string, string>>,
  Errors extends Readonly<Record<string, string>>,
> {
  /** AM's type id, verbatim. */
  readonly type: string;
  readonly title: string;
  readonly help: string;
  readonly tags: readonly string[];
  readonly config: z.ZodObject<Shape>;
  readonly outcomes: O;
  readonly inputs?: Inputs;
  readonly outputs?: Outputs;
  /** The callbacks that it may send, for the reference; `anything` where its settings or the nodes inside decide. */
  readonly sends?: readonly Pick<CallbackDefinition, 'type'>[] | 'anything';
  /** Inputs that only the settings name. */
  readonly dynamicInputs?: (config: z.output<z.ZodObject<Shape>>) => readonly string[];
  readonly uses?: Uses;
  /** Bundled texts in English, by id; other languages hang on `<type>.<id>`. */
  readonly texts?: Texts;
  /** How an author's message map falls back (spec: nodes-mfa §2.3). */
  readonly textFallback?: FallbackStyle;
  /** Documented errors and log texts, by id. */
  readonly errors?: Errors;
  /** Ids of the nodes inside. */
  readonly children?: (config: z.output<z.ZodObject<Shape>>) => readonly string[];
  /** Type of the node that it runs with settings which are made when it is visited. */
  readonly wraps?: (config: z.output<z.ZodObject<Shape>>) => string;
  /** Name of the tree that this node asks for by a back channel. */
  readonly backChannelTree?: (config: z.output<z.ZodObject<Shape>>) => string;
  /** Name of the tree that this node runs. */
  readonly innerTree?: (config: z.output<z.ZodObject<Shape>>) => string;
  /** The outcomes that stand for the ends of that tree. */
  readonly innerTreeEnds?: { readonly success: OutcomeIds<O>; readonly failure: OutcomeIds<O> };
  /** Id of the script of the realm that it runs, where the settings name one. */
  readonly script?: (config: z.output<z.ZodObject<Shape>>) => string | undefined;
  /** What an outcome sets of the outputs, for one that sets fewer than all. */
  readonly outputsAt?: Partial<Readonly<Record<OutcomeIds<O>, readonly Outputs[number][]>>>;
  /** Outputs that only the settings name. */
  readonly dynamicOutputs?: (config: z.output<z.ZodObject<Shape>>) => DynamicOutputs;
  /** Outcomes on which it has disturbed somebody outside the browser: a phone rang, a message was sent. */
  readonly disturbsOn?: readonly OutcomeIds<O>[];
  /** Outcomes that a journey takes a limited number of times, so that no loop through them is endless. */
  readonly limitedOutcomes?: readonly OutcomeIds<O>[];
  /** Outcomes that prove a second factor; none of them, for a node that only offers, registers or waives one (SEC-36). */
  readonly secondFactor?: readonly OutcomeIds<O>[];
  /** By how much a visit raises the authentication level. */
  readonly authLevelGain?: (config: z.output<z.ZodObject<Shape>>) => number;
  /** Outputs that are volatile with certain settings only (design.md §3.3 "unchanged poll"). */
  readonly volatileOutputs?: (config: z.output<z.ZodObject<Shape>>) => readonly Outputs[number][];
  /** Settings that our own templates and palette use where they differ from AM's defaults (design.md §3.3 "defaults"). */
  readonly template?: Partial<z.input<z.ZodObject<Shape>>>;
  /** `async` only where it waits for something: a journey passes many nodes that do not. */
  process(
    context: NodeContext<
      z.output<z.ZodObject<Shape>>,
      OutcomeIds<O>,
      Inputs,
      Outputs,
      Uses,
      Extract<keyof Texts, string>,
      Extract<keyof Errors, string>
    >,
  ): Action<OutcomeIds<O>> | Promise<Action<OutcomeIds<O>>>;
  /** Runs when a journey that visited this node succeeds, before the commit. */
  onJourneySuccess?(
    context: Pick<
      NodeContext<
        z.output<z.ZodObject<Shape>>,
        OutcomeIds<O>,
        Inputs,
        Outputs,
        Uses,
        Extract<keyof Texts, string>,
        Extract<keyof Errors, string>
      >,
      'config' | 'nodeId' | 'state' | 'ports' | 'report' | 'fail' | 'realm' | 'request' | 'journey'
    >,
  ): Promise<void>;
}

/** A node as the engine and the tools see it: everything about it that does not depend on its settings' types. */
export interface NodeDefinition {
  readonly type: string;
  readonly title: string;
  readonly help: string;
  readonly tags: readonly string[];
  readonly config: z.ZodObject;
  readonly inputs: readonly Input[];
  readonly outputs: readonly StateKey[];
  readonly sends: readonly Pick<CallbackDefinition, 'type'>[] | 'anything';
  readonly uses: readonly Port[];
  readonly texts: Readonly<Record<string, string>>;
  readonly textFallback: FallbackStyle;
  readonly errors: Readonly<Record<string, string>>;
  readonly template: Readonly<Record<string, unknown>>;
  readonly dynamicInputs: (config: never) => readonly string[];
  readonly children: (config: never) => readonly string[];
  readonly wraps: ((config: never) => string) | undefined;
  readonly backChannelTree: ((config: never) => string) | undefined;
  readonly innerTree: ((config: never) => string) | undefined;
  readonly innerTreeEnds: { readonly success: string; readonly failure: string } | undefined;
  readonly script: (config: never) => string | undefined;
  readonly outputsAt: Readonly<Record<string, readonly StateKey[]>>;
  readonly dynamicOutputs: (config: never) => DynamicOutputs;
  readonly disturbsOn: readonly string[];
  readonly limitedOutcomes: readonly string[];
  /** Undefined for a node that has nothing to do with a second factor. */
  readonly secondFactor: readonly string[] | undefined;
  readonly authLevelGain: (config: never) => number;
  readonly volatileOutputs: (config: never) => readonly StateKey[];
  /** Every outcome that any setting can give, or undefined where only settings know. */
  readonly declaredOutcomes: Outcomes | undefined;
  outcomesOf(config: unknown, children: readonly { readonly outcomes: Outcomes }[]): Outcomes;
  readonly process: (context: never) => Action | Promise<Action>;
  readonly onJourneySuccess?: (context: never) => Promise<void>;
}

/** Declares a node: its types, admin schema, reference page and tree check all come from this one value. */
export const defineNode = <
  Shape extends z.ZodRawShape,
  const O extends OutcomeMap<z.output<z.ZodObject<Shape>>> | OutcomeFunction<z.output<z.ZodObject<Shape>>>,
  const Inputs extends readonly Input[] = readonly [],
  const Outputs extends readonly StateKey[] = readonly [],
  const Uses extends readonly Port[] = readonly [],
  const Texts extends Readonly<Record<string, string>> = Readonly<Record<never, string>>,
  const Errors extends Readonly<Record<string, string>> = Readonly<Record<never, string>>,
>(
  spec: NodeSpec<Shape, O, Inputs, Outputs, Uses, Texts, Errors>,
): NodeDefinition & { readonly spec: NodeSpec<Shape, O, Inputs, Outputs, Uses, Texts, Errors> } => {
  type Config = z.output<z.ZodObject<Shape>>;
  const declared = spec.outcomes;
  const entries = typeof declared === 'function' ? undefined : Object.entries(declared as OutcomeMap<Config>);
  const titleOf = (outcome: string | ConditionalOutcome<Config>) =>
    typeof outcome === 'string' ? outcome : outcome.title;
  return Object.freeze({
    type: spec.type,
    title: spec.title,
    help: spec.help,
    tags: spec.tags,
    config: spec.config as unknown as z.ZodObject,
    inputs: spec.inputs ?? [],
    outputs: spec.outputs ?? [],
    sends: spec.sends ?? [],
    uses: spec.uses ?? [],
    texts: spec.texts ?? {},
    textFallback: spec.textFallback ?? 'first',
    errors: spec.errors ?? {},
    template: (spec.template ?? {}) as Readonly<Record<string, unknown>>,
    dynamicInputs: (spec.dynamicInputs ?? (() => [])) as (config: never) => readonly string[],
    children: (spec.children ?? (() => [])) as (config: never) => readonly string[],
    wraps: spec.wraps as ((config: never) => string) | undefined,
    backChannelTree: spec.backChannelTree as ((config: never) => string) | undefined,
    innerTree: spec.innerTree as ((config: never) => string) | undefined,
    innerTreeEnds: spec.innerTreeEnds,
    script: (spec.script ?? (() => undefined)) as (config: never) => string | undefined,
    outputsAt: (spec.outputsAt ?? {}) as Readonly<Record<string, readonly StateKey[]>>,
    dynamicOutputs: (spec.dynamicOutputs ?? (() => [])) as (config: never) => DynamicOutputs,
    disturbsOn: spec.disturbsOn ?? [],
    limitedOutcomes: spec.limitedOutcomes ?? [],
    secondFactor: spec.secondFactor,
    authLevelGain: (spec.authLevelGain ?? (() => 0)) as (config: never) => number,
    volatileOutputs: (spec.volatileOutputs ?? (() => [])) as (config: never) => readonly StateKey[],
    declaredOutcomes: entries && Object.fromEntries(entries.map(([id, outcome]) => [id, titleOf(outcome)])),
    outcomesOf: (config: unknown, children: readonly { readonly outcomes: Outcomes }[]) =>
      entries === undefined
        ? (declared as OutcomeFunction<Config>)(config as Config, children)
        : Object.fromEntries(
            entries
              .filter(([, outcome]) => typeof outcome === 'string' || outcome.when?.(config as Config) !== false)
              .map(([id, outcome]) => [
                id,
                (typeof outcome === 'string' ? undefined : outcome.titleOf?.(config as Config)) ?? titleOf(outcome),
              ]),
          ),
    process: spec.process as unknown as (context: never) => Action | Promise<Action>,
    ...(spec.onJourneySuccess && {
      onJourneySuccess: spec.onJourneySuccess as unknown as (context: never) => Promise<void>,
    }),
    spec,
  });
};
