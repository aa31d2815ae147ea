import { openSync, readSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FAILURE, SUCCESS } from '../src/testing/publish-tree.ts';

// Realms that are filled with as many documents of one kind as the limits allow.

type Config = Readonly<Record<string, unknown>>;

interface WiredNode {
  readonly type: string;
  readonly config?: Config;
  /** Absent for a node that stands in others alone. */
  readonly to?: Readonly<Record<string, string>>;
}

export interface Journey {
  readonly name: string;
  readonly tree: Config;
  readonly nodes: Readonly<Record<string, { readonly id: string; readonly type: string; readonly config: Config }>>;
}

export interface SaturatedRealm {
  readonly journeys: readonly Journey[];
  readonly nodes?: readonly { readonly id: string; readonly type: string; readonly config: Config }[];
  readonly clients?: readonly { readonly id: string; readonly document: Config }[];
  readonly services?: readonly { readonly type: string; readonly config: Config }[];
  readonly scripts?: readonly Config[];
  /** The node whose change concerns the most documents. */
  readonly node: readonly [type: string, id: string, config: Config];
}

/** A little less than a realm may have, so that what the walk saves has room. */
const BYTES = 14.5 * 2 ** 20;
const BYTES_PER_DOCUMENT = 1_024;
const JOURNEYS = 950;
const SCRIPT = '0a0a0a0a-0000-4000-8000-000000000001';

const listOf = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const journey = (name: string, wired: Readonly<Record<string, WiredNode>>): Journey => {
  const all = Object.entries(wired);
  return {
    name,
    tree: {
      entryNodeId: all[0]?.[0] ?? SUCCESS,
      enabled: true,
      nodes: Object.fromEntries(
        all.flatMap(([id, { type, to }]) =>
          to === undefined ? [] : [[id, { nodeType: type, displayName: '', connections: to }]],
        ),
      ),
    },
    nodes: Object.fromEntries(all.map(([id, { type, config = {} }]) => [id, { id, type, config }])),
  };
};

const sizeOf = (document: object): number => JSON.stringify(document).length + 64 + BYTES_PER_DOCUMENT;

/** As many as fit into a realm in which `taken` bytes are used. */
const filled = <T extends object>(
  make: (at: number) => T,
  { most = Number.POSITIVE_INFINITY, taken = 0 } = {},
): T[] => {
  const documents: T[] = [];
  let bytes = taken;
  while (documents.length < most) {
    const next = make(documents.length);
    bytes += sizeOf(next);
    if (bytes > BYTES) break;
    documents.push(next);
  }
  return documents;
};

const message: WiredNode = {
  type: 'MessageNode',
  config: { message: { en: 'x' } },
  to: { true: SUCCESS, false: FAILURE },
};
const SIGN_IN: Readonly<Record<string, WiredNode>> = {
  name: { type: 'UsernameCollectorNode', to: { outcome: 'password' } },
  password: { type: 'PasswordCollectorNode', to: { outcome: 'n0' } },
};
const CHANGED = { message: { en: 'changed' } };

/** One node in each of as many journeys as a realm may have. */
const manyJourneys = (): SaturatedRealm => ({
  journeys: listOf(JOURNEYS, (at) => journey(`J${at}`, { shared: message })),
  nodes: filled((at) => ({ id: `alone${at}`, type: 'MessageNode', config: { message: { en: 'x' } } }), { taken: 3e6 }),
  node: ['MessageNode', 'shared', CHANGED],
});

/** Each journey runs the next one. */
const chain = (): SaturatedRealm => ({
  journeys: listOf(JOURNEYS, (at) =>
    journey(`J${at}`, {
      ...(at === 0 && SIGN_IN),
      ...(at + 1 < JOURNEYS
        ? {
            [`n${at}`]: {
              type: 'InnerTreeEvaluatorNode',
              config: { tree: `J${at + 1}` },
              to: { true: SUCCESS, false: FAILURE },
            },
          }
        : { last: message }),
    }),
  ),
  node: ['InnerTreeEvaluatorNode', 'n0', { tree: 'J2' }],
});

/** Each journey runs the next 60. */
const wide = (): SaturatedRealm => {
  const width = 60;
  const inner = (at: number): readonly [string, WiredNode] => [
    `n${at}`,
    {
      type: 'InnerTreeEvaluatorNode',
      config: { tree: `J${at + 1}` },
      to: { true: SUCCESS, false: `n${at + 1}` },
    },
  ];
  const journeys = filled(
    (at) => {
      const nodes = Object.fromEntries(listOf(width, (own) => inner(at + own)));
      const last = `n${at + width - 1}`;
      return journey(`J${at}`, {
        ...(at === 0 && SIGN_IN),
        ...nodes,
        [last]: { ...inner(at + width - 1)[1], to: { true: SUCCESS, false: FAILURE } },
      });
    },
    { most: JOURNEYS - width, taken: 1.5e6 },
  );
  const ends = listOf(width + 1, (at) => journey(`J${journeys.length + at}`, { last: message }));
  return { journeys: [...journeys, ...ends], node: ['InnerTreeEvaluatorNode', 'n80', { tree: 'J99' }] };
};

/** Journeys of pages that all hold the same nodes, and pages that are in no journey. */
const pages = (): SaturatedRealm => {
  const inside = Object.fromEntries(
    listOf(490, (at): [string, WiredNode] => [
      `c${at}`,
      { type: 'SetStateNode', config: { attributes: { [`k${at}`]: 'x' } } },
    ]),
  );
  const references = Object.keys(inside).map((_id) => ({ _id, nodeType: 'SetStateNode' }));
  const page = (to: string): WiredNode => ({ type: 'PageNode', config: { nodes: references }, to: { outcome: to } });
  const journeys = listOf(4, (at) =>
    journey(`J${at}`, {
      ...Object.fromEntries(listOf(35, (own) => [`p${own}`, page(own === 34 ? SUCCESS : `p${own + 1}`)])),
      ...inside,
    }),
  );
  const nodes = filled((at) => ({ id: `alone${at}`, type: 'PageNode', config: { nodes: references } }), { taken: 7e6 });
  return { journeys, nodes, node: ['SetStateNode', 'c1', { attributes: { k1: 'y' } }] };
};

/** Journeys of 1,200 nodes with ways back, which raise the level on each round. */
const loops = (): SaturatedRealm => {
  const one = (at: number): WiredNode =>
    at % 2 === 0
      ? { ...message, to: { true: at === 1_198 ? SUCCESS : `n${at + 1}`, false: `n${Math.max(0, at - 2)}` } }
      : { type: 'ModifyAuthLevelNode', config: { authLevelIncrement: 1 }, to: { outcome: `n${at + 1}` } };
  const nodes = Object.fromEntries(listOf(1_199, (at) => [`n${at}`, one(at)]));
  return {
    journeys: filled((at) => journey(`J${at}`, { ...SIGN_IN, ...nodes }), { taken: 2e6 }),
    node: ['MessageNode', 'n600', CHANGED],
  };
};

/** Journeys of scripts that declare as many inputs as a journey may, with many outcomes. */
const scripts = (): SaturatedRealm => {
  const script = (at: number): WiredNode => ({
    type: 'ScriptedDecisionNode',
    config: {
      script: SCRIPT,
      outcomes: listOf(400, (own) => `o${own}`),
      inputs: listOf(3_900, (own) => `v${at}.${own}`),
      outputs: ['*'],
    },
    to: Object.fromEntries(
      listOf(400, (own) => [`o${own}`, own === 0 && at === 4 ? SUCCESS : `n${(at + own + 1) % 5}`]),
    ),
  });
  const nodes = { ...SIGN_IN, ...Object.fromEntries(listOf(5, (at) => [`n${at}`, script(at)])) };
  return {
    journeys: filled((at) => journey(`J${at}`, nodes), { taken: 1e6 }),
    scripts: [
      {
        id: SCRIPT,
        name: 'decides',
        source: 'outcome = "o0";',
        language: 'JAVASCRIPT',
        context: 'AUTHENTICATION_TREE_DECISION_NODE',
        evaluatorVersion: '2.0',
      },
    ],
    node: ['ScriptedDecisionNode', 'n3', { ...script(3).config, inputs: ['v'] }],
  };
};

/** Journeys with as many connections as a journey may have: a check has no steps left after the first ones. */
const choices = (): SaturatedRealm => {
  const CHOICES = 800;
  const NODES = 6;
  const node = (at: number): WiredNode => {
    const all = listOf(CHOICES, (own) => own.toString(36));
    const others = Object.fromEntries(all.map((choice) => [choice, 'last']));
    return {
      type: 'ChoiceCollectorNode',
      config: { choices: all, defaultChoice: '0', prompt: 'p' },
      to: { ...others, 0: at + 1 < NODES ? `n${at + 1}` : 'last' },
    };
  };
  const nodes = { ...Object.fromEntries(listOf(NODES, (at) => [`n${at}`, node(at)])), last: message };
  return {
    journeys: filled((at) => journey(`J${at}`, at === 0 ? { ...SIGN_IN, ...nodes } : nodes), { most: 40 }),
    node: ['MessageNode', 'last', CHANGED],
  };
};

/** Clients with full lists, webhooks, and templates of e-mail. */
const documents = (): SaturatedRealm => ({
  journeys: [journey('J0', { shared: message })],
  clients: listOf(250, (at) => ({
    id: `c${at}`,
    document: {
      coreOAuth2ClientConfig: {
        clientType: 'Public',
        redirectionUris: listOf(400, (own) => `https://a${at}.b${own}.example/x`),
        scopes: listOf(400, (own) => `s${own}|Scope ${own}`),
      },
    },
  })),
  services: filled(
    (at) =>
      at % 2 === 0
        ? { type: `webhooks/w${at}`, config: { url: 'https://a.example/x', body: 'x', headers: {} } }
        : {
            type: `email-templates/w${at}`,
            config: {
              enabled: true,
              from: 'a@example.org',
              subject: { en: 'x' },
              message: { en: 'y' },
              defaultLocale: 'en',
              mimeType: 'text/html',
            },
          },
    { taken: 7e6 },
  ),
  node: ['MessageNode', 'shared', CHANGED],
});

export const SATURATED: readonly (readonly [kind: string, make: () => SaturatedRealm])[] = [
  ['journeys that share a node', manyJourneys],
  ['a chain of inner journeys', chain],
  ['journeys that run 60 others each', wide],
  ['full pages', pages],
  ['long journeys with loops', loops],
  ['scripts with many inputs and outcomes', scripts],
  ['journeys with many connections', choices],
  ['clients, webhooks and templates', documents],
];

const LINUX_TIMES = `/proc/self/task/${process.pid}/schedstat`;
const times = process.platform === 'linux' ? openSync(LINUX_TIMES, 'r') : undefined;
const text = Buffer.alloc(96);

/** Milliseconds of processor time of this thread: what else the machine does is not in it. The clock tells elsewhere. */
const busyMillis = (): number =>
  times === undefined
    ? performance.now()
    : Number(text.toString('latin1', 0, readSync(times, text, 0, 96, 0)).split(' ')[0]) / 1e6;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** So much garbage of earlier work is collected before a measurement. */
const MAX_GARBAGE_BYTES = 48 * 1_024 * 1_024;
let usedAfterCollection = 0;

/**
 * A full collection takes the longer the more objects the process has, those of other test files included: it took 570 ms in a request that takes
 * 80 ms otherwise. It is due after so much garbage, whichever request comes then, so the garbage of earlier work is collected before.
 */
const collectEarlierGarbage = (): void => {
  if (process.memoryUsage().heapUsed - usedAfterCollection < MAX_GARBAGE_BYTES) return;
  collectGarbage();
  usedAfterCollection = process.memoryUsage().heapUsed;
};

/** How long the event loop was busy in one turn while it was worked, at the longest. */
export const longestTurn = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly answer: T; readonly millis: number }> => {
  let millis = 0;
  let isOver = false;
  collectEarlierGarbage();
  await new Promise((resolve) => setImmediate(resolve));
  let last = busyMillis();
  const look = (): void => {
    const now = busyMillis();
    millis = Math.max(millis, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const answer = await work();
  look();
  isOver = true;
  return { answer, millis };
};
