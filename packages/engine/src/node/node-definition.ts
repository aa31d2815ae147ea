import { z } from 'zod';
import type { CallbackDefinition } from '../callbacks/callback.ts';
import type { FallbackStyle } from '../model/localized.ts';
import type { Port } from '../model/port.ts';
import type { FactorKind, ProofMethod } from '../model/proven-factors.ts';
import type { Input, StateKey } from '../state/state-key.ts';
import type { Action } from './action.ts';
import type { NodeContext } from './node-context.ts';
import { FIRST_VERSION, isVersionFrom, SINCE } from './node-version.ts';
import type { ConditionalOutcome, NodeInside, OutcomeFunction, OutcomeMap, Outcomes } from './outcomes.ts';
import type { NodePlace, SettingsRemark } from './settings-remark.ts';

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
  Proves extends readonly ProofMethod[] = readonly [],
> {
  /** AM's type id, verbatim. */
  readonly type: string;
  readonly title: string;
  readonly help: string;
  readonly tags: readonly string[];
  readonly config: z.ZodObject<Shape>;
  /** Its versions, the oldest first; the first one alone where absent. A setting that came later says by `since` in its meta with which. */
  readonly versions?: readonly [typeof FIRST_VERSION, ...string[]];
  /** From which version on it stands by itself on a page: it is answered in place of the other nodes there, or they decide. */
  readonly standaloneSince?: string;
  /** From which version on it has nodes inside that stand by themselves, where they do. */
  readonly holdsStandaloneSince?: string;
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
  /** Outcomes that prove a factor which no false page can relay to the true one (spec: webauthn §10.4). */
  readonly phishingResistant?: readonly OutcomeIds<O>[];
  /** Whether what it proves with these settings is one factor alone, by which nobody should sign in without another. */
  readonly isLoneFactor?: (config: z.output<z.ZodObject<Shape>>) => boolean;
  /**
   * Outcomes that a user takes for want of a factor, with the kinds that such a user does not have, or has shown before: a skip, an
   * opt-out, a missing device, a first registration. The check of trees finds where a factor is left out by them (SEC-88).
   */
  readonly withoutFactors?: (
    config: z.output<z.ZodObject<Shape>>,
  ) => Partial<Readonly<Record<OutcomeIds<O>, readonly FactorKind[]>>>;
  /** What is wrong with settings that it can run with, where it stands. */
  readonly remarks?: (config: z.output<z.ZodObject<Shape>>, place: NodePlace) => readonly SettingsRemark[];
  /** What it may prove of a user, by `journey.prove`; what it only asks for, registers or sends, it does not. */
  readonly proves?: Proves;
  /**
   * By outcome, the methods of which the node proves at least one with these settings. Outcomes that are absent prove nothing. Without this member
   * each outcome of `secondFactor` proves one of `proves`.
   */
  readonly provesAt?: (
    config: z.output<z.ZodObject<Shape>>,
  ) => Partial<Readonly<Record<OutcomeIds<O>, readonly Proves[number][]>>>;
  /**
   * What it sends, where another node makes sure of the answer: the `methods` that can answer it with any settings, and by outcome those that
   * can with these. The check of trees reads by it what that other node proves.
   */
  readonly answeredBy?: {
    readonly methods: readonly ProofMethod[];
    readonly at: (
      config: z.output<z.ZodObject<Shape>>,
    ) => Partial<Readonly<Record<OutcomeIds<O>, readonly ProofMethod[]>>>;
  };
  /** Outcomes that only users with a role take, so that a journey through them is for administrators. */
  readonly needsRole?: readonly OutcomeIds<O>[];
  /** By how much a visit raises the authentication level. */
  readonly authLevelGain?: (config: z.output<z.ZodObject<Shape>>) => number;
  /** The least authentication level on an outcome, for a node that compares the level. */
  readonly authLevelAt?: (config: z.output<z.ZodObject<Shape>>) => Partial<Readonly<Record<OutcomeIds<O>, number>>>;
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
      Extract<keyof Errors, string>,
      Proves[number]
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
        Extract<keyof Errors, string>,
        Proves[number]
      >,
      'config' | 'nodeId' | 'state' | 'ports' | 'report' | 'fail' | 'realm' | 'request' | 'journey'
    >,
  ): Promise<void>;
}

/** A node as the engine and the tools see it: everything about it that does not depend on its settings' types. */
export interface NodeDefinition {
  readonly type: string;
  readonly version: string;
  /** The versions before this one, the newest first: settings that came later have neither a value nor a default there. */
  readonly earlier: readonly NodeDefinition[];
  readonly title: string;
  readonly help: string;
  readonly tags: readonly string[];
  readonly config: z.ZodObject;
  readonly isStandalone: boolean;
  readonly holdsStandalone: boolean;
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
  /** Whether nodes of the type can have others inside: of the rest, settings need not be read to know. */
  readonly holdsNodes: boolean;
  readonly wraps: ((config: never) => string) | undefined;
  readonly backChannelTree: ((config: never) => string) | undefined;
  readonly innerTree: ((config: never) => string) | undefined;
  readonly innerTreeEnds: { readonly success: string; readonly failure: string } | undefined;
  readonly script: (config: never) => string | undefined;
  /** Whether nodes of the type can run a script of the realm: of the rest, settings need not be read to know. */
  readonly runsScripts: boolean;
  readonly outputsAt: Readonly<Record<string, readonly StateKey[]>>;
  readonly dynamicOutputs: (config: never) => DynamicOutputs;
  readonly disturbsOn: readonly string[];
  readonly limitedOutcomes: readonly string[];
  /** Undefined for a node that has nothing to do with a second factor. */
  readonly secondFactor: readonly string[] | undefined;
  readonly phishingResistant: readonly string[] | undefined;
  readonly isLoneFactor: (config: never) => boolean;
  readonly withoutFactors: (config: never) => Readonly<Record<string, readonly FactorKind[]>>;
  readonly remarks: (config: never, place: NodePlace) => readonly SettingsRemark[];
  readonly proves: readonly ProofMethod[];
  readonly provesAt: (config: never) => Readonly<Record<string, readonly ProofMethod[]>>;
  readonly answeredBy: {
    readonly methods: readonly ProofMethod[];
    readonly at: (config: never) => Readonly<Record<string, readonly ProofMethod[]>>;
  };
  readonly needsRole: readonly string[];
  readonly authLevelGain: (config: never) => number;
  readonly authLevelAt: (config: never) => Readonly<Record<string, number>>;
  readonly volatileOutputs: (config: never) => readonly StateKey[];
  /** Every outcome that any setting can give, or undefined where only settings know. */
  readonly declaredOutcomes: Outcomes | undefined;
  outcomesOf(config: unknown, children: readonly NodeInside[]): Outcomes;
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
  const Proves extends readonly ProofMethod[] = readonly [],
>(
  spec: NodeSpec<Shape, O, Inputs, Outputs, Uses, Texts, Errors, Proves>,
): NodeDefinition & { readonly spec: NodeSpec<Shape, O, Inputs, Outputs, Uses, Texts, Errors, Proves> } => {
  type Config = z.output<z.ZodObject<Shape>>;
  const declared = spec.outcomes;
  const entries = typeof declared === 'function' ? undefined : Object.entries(declared as OutcomeMap<Config>);
  const titleOf = (outcome: string | ConditionalOutcome<Config>) =>
    typeof outcome === 'string' ? outcome : outcome.title;
  const whole = spec.config as unknown as z.ZodObject;
  const inVersion = (version: string, config: z.ZodObject, earlier: readonly NodeDefinition[]) => ({
    type: spec.type,
    version,
    earlier,
    title: spec.title,
    help: spec.help,
    tags: spec.tags,
    config,
    isStandalone: isSince(version, spec.standaloneSince),
    holdsStandalone: isSince(version, spec.holdsStandaloneSince),
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
    holdsNodes: spec.children !== undefined,
    wraps: spec.wraps as ((config: never) => string) | undefined,
    backChannelTree: spec.backChannelTree as ((config: never) => string) | undefined,
    innerTree: spec.innerTree as ((config: never) => string) | undefined,
    innerTreeEnds: spec.innerTreeEnds,
    script: (spec.script ?? (() => undefined)) as (config: never) => string | undefined,
    runsScripts: spec.script !== undefined,
    outputsAt: (spec.outputsAt ?? {}) as Readonly<Record<string, readonly StateKey[]>>,
    dynamicOutputs: (spec.dynamicOutputs ?? (() => [])) as (config: never) => DynamicOutputs,
    disturbsOn: spec.disturbsOn ?? [],
    limitedOutcomes: spec.limitedOutcomes ?? [],
    secondFactor: spec.secondFactor,
    phishingResistant: spec.phishingResistant,
    isLoneFactor: (spec.isLoneFactor ?? (() => false)) as (config: never) => boolean,
    withoutFactors: (spec.withoutFactors ?? (() => ({}))) as NodeDefinition['withoutFactors'],
    remarks: (spec.remarks ?? (() => [])) as NodeDefinition['remarks'],
    proves: spec.proves ?? [],
    provesAt: (spec.provesAt ?? (() => proofsOf(spec))) as NodeDefinition['provesAt'],
    answeredBy: (spec.answeredBy ?? SENDS_NOTHING) as NodeDefinition['answeredBy'],
    needsRole: spec.needsRole ?? [],
    authLevelGain: (spec.authLevelGain ?? (() => 0)) as (config: never) => number,
    authLevelAt: (spec.authLevelAt ?? (() => ({}))) as NodeDefinition['authLevelAt'],
    volatileOutputs: (spec.volatileOutputs ?? (() => [])) as (config: never) => readonly StateKey[],
    declaredOutcomes: entries && Object.fromEntries(entries.map(([id, outcome]) => [id, titleOf(outcome)])),
    outcomesOf: (config: unknown, children: readonly NodeInside[]) =>
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
  });
  const versions = [...(spec.versions ?? [])];
  const newest = versions.pop() ?? FIRST_VERSION;
  const earlier: NodeDefinition[] = [];
  for (const version of versions) {
    earlier.unshift(Object.freeze(inVersion(version, settingsUntil(whole, version), [...earlier])));
  }
  return Object.freeze({ ...inVersion(newest, whole, earlier), spec });
};

/** What is proven by each outcome of a node that names the outcomes of its factor alone. */
const proofsOf = ({
  secondFactor = [],
  proves = [],
}: {
  readonly secondFactor?: readonly string[];
  readonly proves?: readonly ProofMethod[];
}) => Object.fromEntries(secondFactor.map((outcome) => [outcome, proves]));

const SENDS_NOTHING: NodeDefinition['answeredBy'] = { methods: [], at: () => ({}) };

const isSince = (version: string, since: string | undefined): boolean =>
  since !== undefined && isVersionFrom(version, since);

/** The settings that a version has. */
const settingsUntil = ({ shape }: z.ZodObject, version: string): z.ZodObject =>
  z.object(
    Object.fromEntries(
      Object.entries(shape).filter(([, field]) => {
        const since = (field as z.ZodType).meta()?.[SINCE];
        return typeof since !== 'string' || isVersionFrom(version, since);
      }),
    ),
  );
