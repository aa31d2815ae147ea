import { z } from 'zod';
import { nameCallback } from '../../callbacks/catalogue.ts';
import type { PublishedTree } from '../../model/configuration.ts';
import { FACTOR_KINDS, PROOF_METHODS } from '../../model/proven-factors.ts';
import type { TreeDocument } from '../../model/tree.ts';
import { defineNode, type NodeDefinition } from '../../node/node-definition.ts';
import { needed, optional, required, stateKey } from '../../state/state-key.ts';
import { publishedTree, type TestNode } from '../../testing/journey-harness.ts';

const username = stateKey.shared('username', z.string());
const code = stateKey.shared('code', z.string());
const realm = stateKey.shared('realm', z.string());
const words = { title: 'x', help: 'x', tags: [] };
const empty = z.object({});
const never = async () => Promise.reject(new Error('A check runs no node.'));

/** Asks for the user name. */
const ask = defineNode({
  ...words,
  type: 'Ask',
  config: empty,
  outcomes: { outcome: 'Outcome' },
  outputs: [username],
  sends: [nameCallback],
  process: never,
});

/** Decides in silence. */
const decide = defineNode({
  ...words,
  type: 'Decide',
  config: empty,
  outcomes: { yes: 'Yes', no: 'No' },
  process: never,
});

/** Rings a phone; may be skipped, unless the settings say otherwise. */
const ring = defineNode({
  ...words,
  type: 'Ring',
  config: z.object({ mandatory: z.boolean().default(false) }),
  outcomes: { sent: 'Sent', skipped: { title: 'Skipped', when: ({ mandatory }) => !mandatory } },
  inputs: [needed(username), optional(code), required(realm, 'No realm.')],
  outputs: [code],
  outputsAt: { skipped: [] },
  disturbsOn: ['sent'],
  secondFactor: [],
  process: never,
});

/** Lets a user skip who has no factor of the kinds that the settings name. */
const goWithout = defineNode({
  ...words,
  type: 'GoWithout',
  config: z.object({ lacks: z.array(z.enum(FACTOR_KINDS)).default([]) }),
  outcomes: { skip: 'Skip', add: 'Add' },
  secondFactor: [],
  withoutFactors: ({ lacks }) => ({ skip: lacks }),
  process: never,
});

/** Waits for the phone. */
const wait = defineNode({
  ...words,
  type: 'Wait',
  config: empty,
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process: never,
});

const verify = defineNode({
  ...words,
  type: 'Verify',
  config: empty,
  outcomes: { right: 'Right', wrong: 'Wrong' },
  inputs: [required(code, 'No code.')],
  secondFactor: ['right'],
  proves: ['push'],
  process: never,
});

/** Asks a phone, which answers by a tap or by a number. */
const request = defineNode({
  ...words,
  type: 'Request',
  config: z.object({ number: z.boolean().default(false) }),
  outcomes: { sent: 'Sent' },
  answeredBy: { methods: ['push', 'pushNumber'], at: ({ number }) => ({ sent: [number ? 'pushNumber' : 'push'] }) },
  process: never,
});

/** Takes the answer of the phone. */
const answer = defineNode({
  ...words,
  type: 'Answer',
  config: empty,
  outcomes: { right: 'Right', wrong: 'Wrong' },
  secondFactor: ['right'],
  proves: ['push', 'pushNumber'],
  process: never,
});

/** A key that no false page can relay; with `touch` alone, whoever holds it. */
const key = defineNode({
  ...words,
  type: 'Key',
  config: z.object({ touch: z.boolean().default(false), foreign: z.boolean().default(false) }),
  outcomes: { right: 'Right', wrong: 'Wrong', absent: 'Absent' },
  sends: [nameCallback],
  secondFactor: ['right'],
  phishingResistant: ['right'],
  isLoneFactor: ({ touch }) => touch,
  remarks: ({ foreign }) =>
    foreign ? [{ code: 'J-P3', severity: 'warning', what: 'is foreign', fix: 'Take it home.' }] : [],
  proves: ['passkey'],
  process: never,
});

/** Compares a password. */
const password = defineNode({
  ...words,
  type: 'Password',
  config: empty,
  outcomes: { right: 'Right', wrong: 'Wrong' },
  proves: ['password'],
  provesAt: () => ({ right: ['password'] }),
  process: never,
});

const limit = defineNode({
  ...words,
  type: 'Limit',
  config: empty,
  outcomes: { again: 'Again', enough: 'Enough' },
  limitedOutcomes: ['again'],
  process: never,
});

/** Runs a script that may set what its settings name. */
const script = defineNode({
  ...words,
  type: 'Script',
  config: z.object({ script: z.string(), sets: z.array(z.string()).default(['*']) }),
  outcomes: { outcome: 'Outcome' },
  script: ({ script: id }) => id,
  dynamicOutputs: ({ sets }) => (sets.includes('*') ? 'anything' : sets),
  sends: 'anything',
  process: never,
});

/** Runs a script that decides by outcomes of its own. */
const choices = defineNode({
  ...words,
  type: 'Choices',
  config: z.object({ outcomes: z.array(z.string()), sets: z.array(z.string()) }),
  outcomes: ({ outcomes }) => Object.fromEntries(outcomes.map((outcome) => [outcome, outcome])),
  dynamicOutputs: ({ sets }) => sets,
  process: never,
});

/** Proves the method that its settings name. */
const proves = defineNode({
  ...words,
  type: 'Proves',
  config: z.object({ method: z.enum(PROOF_METHODS) }),
  outcomes: { right: 'Right' },
  proves: PROOF_METHODS,
  provesAt: ({ method }) => ({ right: [method] }),
  process: never,
});

const page = defineNode({
  ...words,
  type: 'Page',
  versions: ['1.0', '2.0'],
  holdsStandaloneSince: '2.0',
  config: z.object({ nodes: z.array(z.object({ _id: z.string() })).default([]) }),
  children: ({ nodes }) => nodes.map(({ _id }) => _id),
  outcomes: (_config, children) => {
    const form = children.filter(({ isStandalone }) => !isStandalone);
    const others = children.filter(({ isStandalone }) => isStandalone);
    return Object.assign({}, form.at(-1)?.outcomes, ...others.map(({ outcomes }) => outcomes));
  },
  sends: 'anything',
  process: never,
});

/** Signs in by itself, beside a form or in place of it. */
const sign = defineNode({
  ...words,
  type: 'Sign',
  versions: ['1.0', '2.0'],
  standaloneSince: '2.0',
  config: empty,
  outcomes: { signed: 'Signed', wrong: 'Wrong' },
  outputs: [username],
  outputsAt: { wrong: [] },
  sends: [nameCallback],
  secondFactor: ['signed'],
  process: never,
});

const inner = defineNode({
  ...words,
  type: 'Inner',
  config: z.object({ tree: z.string() }),
  innerTree: ({ tree }) => tree,
  innerTreeEnds: { success: 'true', failure: 'false' },
  outcomes: { true: 'True', false: 'False' },
  sends: 'anything',
  process: never,
});

const asksElsewhere = defineNode({
  ...words,
  type: 'AsksElsewhere',
  config: z.object({ tree: z.string() }),
  backChannelTree: ({ tree }) => tree,
  outcomes: { outcome: 'Outcome' },
  process: never,
});

/** Changes the authentication level. */
const raise = defineNode({
  ...words,
  type: 'Raise',
  config: z.object({ by: z.int() }),
  outcomes: { outcome: 'Outcome' },
  authLevelGain: ({ by }) => by,
  process: never,
});

/** Compares the authentication level. */
const atLeast = defineNode({
  ...words,
  type: 'AtLeast',
  config: z.object({ level: z.int() }),
  outcomes: { true: 'True', false: 'False' },
  authLevelAt: ({ level }) => ({ true: level }),
  process: never,
});

/** One node for each thing that a check looks at. */
export const wiredNodes: ReadonlyMap<string, NodeDefinition> = new Map(
  [
    ask,
    decide,
    ring,
    goWithout,
    wait,
    verify,
    request,
    answer,
    key,
    password,
    limit,
    script,
    choices,
    proves,
    page,
    sign,
    inner,
    asksElsewhere,
    raise,
    atLeast,
  ].map((definition) => [definition.type, definition]),
);

/** A node of a test tree; a page brings those inside it along. */
export interface WiredNode extends TestNode {
  readonly inside?: readonly (TestNode & { readonly id: string })[];
}
export type WiredNodes = Readonly<Record<string, WiredNode>>;

export const wiredTree = (
  name: string,
  entry: string,
  nodes: WiredNodes,
  settings: Partial<TreeDocument> = {},
): PublishedTree => {
  const withPages = Object.entries(nodes).map(([id, { inside, ...node }]): [string, TestNode] => [
    id,
    inside === undefined
      ? node
      : { ...node, config: { ...node.config, nodes: inside.map((child) => ({ _id: child.id })) } },
  ]);
  const inside = Object.values(nodes).flatMap((node) => node.inside ?? []);
  return publishedTree(name, {
    entry,
    settings,
    nodes: Object.fromEntries(withPages),
    inside: Object.fromEntries(inside.map(({ id, ...child }) => [id, child])),
  });
};
