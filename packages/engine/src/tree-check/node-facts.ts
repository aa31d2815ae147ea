import type { NodeDefinition } from '../node/node-definition.ts';
import type { Outcomes } from '../node/outcomes.ts';
import { outcomeOfChild, outcomesInside } from '../node/outcomes-inside.ts';
import { standsAlone } from '../node/wrapped-definition.ts';
import { isNeededInput, keyOfInput, nameInState } from '../state/state-key.ts';
import { ANY_LEVEL, type LevelChange, levelsInTurn, levelsOfAny, SAME_LEVEL } from './level-change.ts';
import type { ParsedNode } from './parsed-node.ts';
import { anyOfProofs, type Proofs, withOneOf, withRequest, withUnknownRequests } from './proof-sets.ts';
import {
  bothSupply,
  eitherSupply,
  lacking,
  type NameSet,
  NOTHING,
  type StateNames,
  type Supply,
} from './state-names.ts';
import { NOTHING_WAIVED, type WaivedKinds, waivedFor } from './waived-kinds.ts';

/** What is set when an outcome is taken: in every case, and at the most. */
export interface Supplied {
  readonly always: Supply;
  readonly ever: Supply;
}

/** Names that a node needs: where nothing before it supplies them, and where something may. */
export interface Needs {
  readonly always: NameSet;
  /** Only on some way through it, as an inner tree may. */
  readonly sometimes: NameSet;
}

/** What a node does to a journey that gets to it, whatever its type. */
export interface NodeFacts {
  /** Whether it may wait for somebody. */
  readonly asks: boolean;
  readonly needs: Needs;
  supplied(outcome: string): Supplied;
  disturbs(outcome: string): boolean;
  isLimited(outcome: string): boolean;
  readonly secondFactor: FactorFacts;
  /** A factor that no false page can relay. */
  readonly phishingResistance: FactorFacts;
  /** That the user has a role. */
  readonly role: FactorFacts;
  /** What is proven whenever the outcome is taken, after what was proven and sent before. */
  proven(outcome: string, before: Proofs): Proofs;
  /** Whether it may prove anything at all of who signs in. */
  readonly mayProve: boolean;
  /** Whether all that was proven on that outcome is one factor alone, by which nobody should sign in without another. */
  isLone(outcome: string): boolean;
  /** What an outcome says of the factors of a user, one entry for each way through the node that proves none. */
  waived(outcome: string): readonly WaivedKinds[];
  /** What becomes of the authentication level when the outcome is taken. */
  authLevel(outcome: string): LevelChange;
}

/** What a node has to do with a kind of factor. */
export interface FactorFacts {
  readonly isThere: boolean;
  proves(outcome: string): boolean;
}

/** What a tree has to do with a kind of factor. */
export interface TreeFactor {
  readonly isThere: boolean;
  /** Whether every way to Success proves it. */
  readonly isProven: boolean;
}

/** What a tree does to the journey that runs it as one of its steps. */
export interface TreeFacts {
  readonly asks: boolean;
  readonly disturbs: boolean;
  readonly needs: Needs;
  readonly atSuccess: Supplied;
  readonly atFailure: Supplied;
  readonly secondFactor: TreeFactor;
  readonly phishingResistance: TreeFactor;
  readonly role: TreeFactor;
  /** What each path to Success has proven, after what was proven and sent before; no set where no path leads there. */
  proven(before: Proofs): Proofs;
  /** What was proven before, with the requests of each path to Failure. */
  sentUntilFailure(before: Proofs): Proofs;
  readonly mayProve: boolean;
  /** Whether some way to Success proves one factor alone. */
  readonly isLone: boolean;
  /** What is known of a user's factors at Success, by the ways that prove none. */
  readonly waived: readonly WaivedKinds[];
  /** What becomes of the authentication level from its start to each end. */
  readonly authLevel: { readonly atSuccess: LevelChange; readonly atFailure: LevelChange };
}

const NO_FACTOR: FactorFacts = { isThere: false, proves: () => false };
const UNKNOWN_FACTOR: TreeFactor = { isThere: false, isProven: false };
const NONE_WAIVED: readonly WaivedKinds[] = [NOTHING_WAIVED];
const NO_NEEDS: Needs = { always: NOTHING, sometimes: NOTHING };
const ANYTHING: Supplied = { always: 'anything', ever: 'anything' };

/** What is assumed of a tree that is missing or runs itself, which findings of their own tell. */
export const UNKNOWN_TREE: TreeFacts = {
  asks: true,
  disturbs: false,
  needs: NO_NEEDS,
  atSuccess: ANYTHING,
  atFailure: ANYTHING,
  secondFactor: UNKNOWN_FACTOR,
  phishingResistance: UNKNOWN_FACTOR,
  role: UNKNOWN_FACTOR,
  proven: withUnknownRequests,
  sentUntilFailure: withUnknownRequests,
  mayProve: true,
  isLone: false,
  waived: NONE_WAIVED,
  authLevel: { atSuccess: ANY_LEVEL, atFailure: ANY_LEVEL },
};

/** What is assumed of a node that nobody knows: it may do and supply anything. */
const UNKNOWN_NODE: NodeFacts = {
  asks: true,
  needs: NO_NEEDS,
  supplied: () => ANYTHING,
  disturbs: () => false,
  isLimited: () => false,
  secondFactor: NO_FACTOR,
  phishingResistance: NO_FACTOR,
  role: NO_FACTOR,
  proven: (_outcome, before) => withUnknownRequests(before),
  mayProve: true,
  isLone: () => false,
  waived: () => NONE_WAIVED,
  authLevel: () => SAME_LEVEL,
};

export type FactsOfTree = (name: string) => TreeFacts;

/** The names in state that a node needs, and those that stand in it. */
export const neededNames = ({ id, definition, children }: ParsedNode): readonly string[] => [
  ...(definition?.inputs ?? []).filter(isNeededInput).map((input) => nameInState(keyOfInput(input), id)),
  ...children.flatMap(neededNames),
];

export const factsOfNode = (node: ParsedNode, names: StateNames, factsOfTree: FactsOfTree): NodeFacts => {
  const { definition } = node;
  if (definition === undefined || node.config === undefined) return UNKNOWN_NODE;
  const own = ownFacts(node, definition, names);
  if (node.innerTree !== undefined) return aroundTree(own, definition, factsOfTree(node.innerTree));
  const standalone = node.children.filter((child) => standsAlone(definition, child.definition));
  const form = node.children.filter((child) => !standalone.includes(child));
  const factsInside = (child: ParsedNode) => namedByHolder(factsOfNode(child, names, factsOfTree), definition, child);
  const ofForm = form.reduce<NodeFacts>((facts, child, at) => {
    const [onlyOutcome = ''] = Object.keys(namesInside(definition, child));
    return followedBy(facts, factsInside(child), at === form.length - 1 ? undefined : onlyOutcome);
  }, own);
  if (standalone.length === 0) return ofForm;
  return oneOf([
    ...form.slice(-1).map((last) => ({ outcomes: namesInside(definition, last), facts: ofForm })),
    ...standalone.map((child) => ({ outcomes: namesInside(definition, child), facts: factsInside(child) })),
  ]);
};

const namesInside = (holder: NodeDefinition, { id, outcomes = {} }: ParsedNode): Outcomes =>
  outcomesInside(holder, id, outcomes);

/** What a node inside does on the outcomes of the node around it. */
const namedByHolder = (facts: NodeFacts, holder: NodeDefinition, { id }: ParsedNode): NodeFacts => {
  const own = (outcome: string) => outcomeOfChild(holder, id, outcome);
  const factor = ({ isThere, proves }: FactorFacts): FactorFacts => ({
    isThere,
    proves: (outcome) => proves(own(outcome)),
  });
  return {
    ...facts,
    supplied: (outcome) => facts.supplied(own(outcome)),
    disturbs: (outcome) => facts.disturbs(own(outcome)),
    isLimited: (outcome) => facts.isLimited(own(outcome)),
    secondFactor: factor(facts.secondFactor),
    phishingResistance: factor(facts.phishingResistance),
    role: factor(facts.role),
    proven: (outcome, before) => facts.proven(own(outcome), before),
    isLone: (outcome) => facts.isLone(own(outcome)),
    waived: (outcome) => facts.waived(own(outcome)),
    authLevel: (outcome) => facts.authLevel(own(outcome)),
  };
};

/** A page that is left by one of its parts alone. Of an outcome that several have, what holds of all of them is known. */
const oneOf = (parts: readonly { readonly outcomes: Outcomes; readonly facts: NodeFacts }[]): NodeFacts => {
  const facts = parts.map((part) => part.facts);
  const named = (names: (facts: NodeFacts) => NameSet) => facts.reduce((set, it) => set | names(it), NOTHING);
  const thatHave = (outcome: string) =>
    parts.filter(({ outcomes }) => Object.hasOwn(outcomes, outcome)).map((part) => part.facts);
  const factorOf = (factor: (facts: NodeFacts) => FactorFacts): FactorFacts => ({
    isThere: facts.some((it) => factor(it).isThere),
    proves: (outcome) => thatHave(outcome).length > 0 && thatHave(outcome).every((it) => factor(it).proves(outcome)),
  });
  return {
    asks: facts.some(({ asks }) => asks),
    needs: { always: named(({ needs }) => needs.always), sometimes: named(({ needs }) => needs.sometimes) },
    supplied: (outcome) =>
      thatHave(outcome).reduce<Supplied | undefined>((met, it) => meetOf(met, it.supplied(outcome)), undefined) ??
      ANYTHING,
    disturbs: (outcome) => thatHave(outcome).some((it) => it.disturbs(outcome)),
    isLimited: (outcome) => thatHave(outcome).every((it) => it.isLimited(outcome)),
    secondFactor: factorOf((it) => it.secondFactor),
    phishingResistance: factorOf((it) => it.phishingResistance),
    role: factorOf((it) => it.role),
    proven: (outcome, before) => anyOfProofs(thatHave(outcome).map((it) => it.proven(outcome, before))),
    mayProve: facts.some(({ mayProve }) => mayProve),
    isLone: (outcome) => thatHave(outcome).some((it) => it.isLone(outcome)),
    waived: (outcome) => [...new Set(thatHave(outcome).flatMap((it) => it.waived(outcome)))],
    authLevel: (outcome) => levelsOfAny(thatHave(outcome).map((it) => it.authLevel(outcome))),
  };
};

const ownFacts = (
  { id, config, children, wrapped }: ParsedNode,
  definition: NodeDefinition,
  names: StateNames,
): NodeFacts => {
  const named = (keys: readonly Parameters<typeof nameInState>[0][]) =>
    names.setOf(keys.map((key) => nameInState(key, id)));
  const dynamic = definition.dynamicOutputs(config as never);
  const dynamicNames = dynamic === 'anything' ? NOTHING : names.setOf(dynamic);
  // A node whose settings are made when it is visited may be any that is around others.
  const setsLevel = dynamic === 'anything' || dynamic.includes('authLevel') || definition.wraps !== undefined;
  const { sends, secondFactor, phishingResistant, needsRole, answeredBy } = definition;
  const answers = answeredBy.at(config as never);
  const provesAt = definition.provesAt(config as never);
  const without = definition.withoutFactors(config as never);
  const gain = definition.authLevelGain(config as never);
  const levels = definition.authLevelAt(config as never);
  const factor = (outcomes: readonly string[] | undefined): FactorFacts =>
    outcomes === undefined ? NO_FACTOR : { isThere: true, proves: (outcome) => outcomes.includes(outcome) };
  return {
    // What it says of itself stands for the nodes inside, if it has any.
    asks: children.length === 0 && (sends === 'anything' || sends.length > 0),
    needs: {
      always: named(definition.inputs.filter(isNeededInput).map(keyOfInput)),
      sometimes: NOTHING,
    },
    supplied: (outcome) => {
      if (dynamic === 'anything') return ANYTHING;
      const { outputsAt, outputs } = definition;
      const set = Object.hasOwn(outputsAt, outcome) ? (outputsAt[outcome] ?? []) : outputs;
      const all = named(set) | dynamicNames;
      return { always: all, ever: all };
    },
    disturbs: (outcome) => definition.disturbsOn.includes(outcome),
    isLimited: (outcome) => definition.limitedOutcomes.includes(outcome),
    secondFactor: factor(secondFactor),
    phishingResistance: factor(phishingResistant),
    role: factor(needsRole.length > 0 ? needsRole : undefined),
    proven: (outcome, before) => {
      const after = Object.hasOwn(provesAt, outcome) ? withOneOf(before, provesAt[outcome] ?? []) : before;
      if (definition.wraps !== undefined) {
        // Settings that are made at the visit decide which of the methods can answer it.
        const all = wrapped?.answeredBy.methods;
        return all === undefined ? withUnknownRequests(after) : withRequest(after, all, all);
      }
      const by = Object.hasOwn(answers, outcome) ? answers[outcome] : undefined;
      return by === undefined ? after : withRequest(after, answeredBy.methods, by);
    },
    // What a node runs that is made when it is visited, nobody knows here.
    mayProve: definition.proves.length > 0 || definition.wraps !== undefined,
    isLone: (outcome) => secondFactor?.includes(outcome) === true && definition.isLoneFactor(config as never),
    waived: (outcome) => {
      const kinds = Object.hasOwn(without, outcome) ? without[outcome] : undefined;
      return kinds === undefined ? NONE_WAIVED : [waivedFor(kinds)];
    },
    // A script may set the level and need not: a comparison after it says what the level is.
    authLevel: (outcome) =>
      setsLevel
        ? ANY_LEVEL
        : { gain, least: (Object.hasOwn(levels, outcome) ? levels[outcome] : undefined) ?? SAME_LEVEL.least },
  };
};

/** A form up to a child: the outcomes are those of the last one, and all before it have a single one, which is `onlyOutcome`. */
const followedBy = (page: NodeFacts, child: NodeFacts, onlyOutcome: string | undefined): NodeFacts => {
  const isLast = onlyOutcome === undefined;
  const before = page.supplied('');
  const factorOf = (before: FactorFacts, own: FactorFacts): FactorFacts => ({
    isThere: before.isThere || own.isThere,
    proves: (outcome) => isLast && own.proves(outcome),
  });
  const always = page.needs.always | lacking(child.needs.always, before.ever);
  return {
    asks: page.asks || child.asks,
    needs: {
      always,
      sometimes:
        page.needs.sometimes |
        (lacking(child.needs.always, before.always) & ~always) |
        lacking(child.needs.sometimes, before.always),
    },
    supplied: (outcome) => {
      const own = child.supplied(outcome);
      return { always: eitherSupply(before.always, own.always), ever: eitherSupply(before.ever, own.ever) };
    },
    disturbs: (outcome) => page.disturbs(outcome) || child.disturbs(outcome),
    isLimited: (outcome) => child.isLimited(outcome),
    secondFactor: factorOf(page.secondFactor, child.secondFactor),
    phishingResistance: factorOf(page.phishingResistance, child.phishingResistance),
    role: factorOf(page.role, child.role),
    proven: (outcome, before) => child.proven(onlyOutcome ?? outcome, page.proven(outcome, before)),
    mayProve: page.mayProve || child.mayProve,
    isLone: (outcome) => isLast && !page.mayProve && child.isLone(outcome),
    waived: (outcome) => (isLast ? child.waived(outcome) : NONE_WAIVED),
    authLevel: (outcome) => levelsInTurn(page.authLevel(outcome), child.authLevel(outcome)),
  };
};

const aroundTree = (own: NodeFacts, { innerTreeEnds: ends }: NodeDefinition, inner: TreeFacts): NodeFacts => ({
  ...own,
  asks: inner.asks,
  needs: inner.needs,
  supplied: (outcome) => {
    const set = own.supplied(outcome);
    const end =
      outcome === ends?.success
        ? inner.atSuccess
        : outcome === ends?.failure
          ? inner.atFailure
          : // It broke off somewhere inside.
            { always: NOTHING, ever: 'anything' as const };
    return { always: eitherSupply(set.always, end.always), ever: eitherSupply(set.ever, end.ever) };
  },
  disturbs: () => inner.disturbs,
  secondFactor: ofInner(inner.secondFactor, ends?.success),
  phishingResistance: ofInner(inner.phishingResistance, ends?.success),
  role: ofInner(inner.role, ends?.success),
  proven: (outcome, before) => {
    if (outcome === ends?.success) return inner.proven(before);
    return outcome === ends?.failure ? inner.sentUntilFailure(before) : withUnknownRequests(before);
  },
  mayProve: inner.mayProve,
  isLone: (outcome) => inner.isLone && outcome === ends?.success,
  waived: (outcome) => (outcome === ends?.success ? inner.waived : NONE_WAIVED),
  authLevel: (outcome) => {
    if (outcome === ends?.success) return inner.authLevel.atSuccess;
    // It broke off somewhere inside on any other outcome.
    return outcome === ends?.failure ? inner.authLevel.atFailure : ANY_LEVEL;
  },
});

const ofInner = ({ isThere, isProven }: TreeFactor, success: string | undefined): FactorFacts => ({
  isThere,
  proves: (outcome) => isThere && isProven && outcome === success,
});

export const meetOf = (a: Supplied | undefined, b: Supplied): Supplied =>
  a === undefined ? b : { always: bothSupply(a.always, b.always), ever: eitherSupply(a.ever, b.ever) };
