import type { SubmittedCallback } from '../callbacks/callback-matching.ts';
import { Journeys } from '../journey/journeys.ts';
import type { AuditEvent } from '../model/audit.ts';
import { type BackChannel, type BackChannelReader, isOpenBackChannel } from '../model/back-channels.ts';
import type { Configuration, NodeDocument, PublishedTree, RealmSettings } from '../model/configuration.ts';
import type { IdentityDirectory } from '../model/identities.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import type { Session } from '../model/sessions.ts';
import { type TreeDocument, treeDocument } from '../model/tree.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { TextCatalogue } from '../node/text-catalogue.ts';
import type {
  JourneyAnswer,
  JourneyDependencies,
  JourneyParameters,
  JourneyReference,
} from '../step/journey-requests.ts';
import type { Change, CommitResult, Committer, EngineChange } from '../unit-of-work/changes.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';
import { fakeRequest, memoryLog, testRealm } from './fake-request.ts';
import { memoryDirectory, type TestUsers } from './memory-ports.ts';
import { seededRandom } from './seeded-random.ts';
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts';

/** One node of a test tree: its type, its settings and where its outcomes lead. */
export interface TestNode {
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Absent for a node inside a page. */
  readonly to?: Readonly<Record<string, string>>;
}

export interface TestTree {
  readonly entry: string;
  readonly nodes: Readonly<Record<string, TestNode>>;
  readonly settings?: Partial<TreeDocument>;
  /** Nodes inside pages. */
  readonly inside?: Readonly<Record<string, TestNode>>;
}

/** Makes a published tree out of its short form. */
export const publishedTree = (name: string, tree: TestTree, version = 1, realm = '/'): PublishedTree => {
  const all: NodeDocument[] = Object.entries({ ...tree.nodes, ...tree.inside }).map(([id, { type, config = {} }]) => ({
    id,
    type,
    config,
  }));
  return {
    realm,
    name,
    version,
    tree: treeDocument.parse({
      entryNodeId: tree.entry,
      nodes: Object.fromEntries(
        Object.entries(tree.nodes).map(([id, { type, to = {} }]) => [id, { nodeType: type, connections: to }]),
      ),
      ...tree.settings,
    }),
    nodes: Object.fromEntries(all.map((node) => [node.id, node])),
  };
};

export interface HarnessOptions {
  readonly nodes: readonly NodeDefinition[];
  readonly trees: Readonly<Record<string, TestTree>>;
  readonly users?: TestUsers;
  readonly realms?: readonly RealmSettings[];
  readonly bindings?: Bindings;
  readonly clock?: SimulatedClock;
  readonly directory?: IdentityDirectory;
  /** What the journeys stand on, where a test has another than the harness. */
  readonly faults?: Partial<JourneyDependencies>;
  /** Stands before the store's own commit. */
  readonly commit?: (changes: readonly Change[], commit: Committer['commit']) => Promise<CommitResult>;
}

type Row = JourneySession;

/** A store of journeys in a few maps: enough to see what a submit writes, and to make commits collide. */
export class HarnessStore implements Committer {
  readonly journeys = new Map<string, Row>();
  readonly sessions = new Map<string, Session>();
  readonly channels = new Map<string, BackChannel>();
  readonly backChannels: BackChannelReader = { get: async (idHash) => this.channels.get(idHash) };
  readonly audit: AuditEvent[] = [];
  readonly other: Change[] = [];
  /** Devices by uuid that their users no longer have. */
  readonly removedDevices = new Set<string>();
  commits = 0;
  reads = 0;
  /** Runs before the next commit and then is gone: a way to get in between. */
  beforeCommit: (() => void | Promise<void>) | undefined;
  readonly #directory: IdentityDirectory;

  constructor(directory: IdentityDirectory) {
    this.#directory = directory;
  }

  async get(id: string): Promise<Row | undefined> {
    this.reads += 1;
    return this.journeys.get(id);
  }

  async commit(changes: readonly Change[]) {
    const interrupt = this.beforeCommit;
    this.beforeCommit = undefined;
    await interrupt?.();
    if (!(await this.#isUsable(changes))) return { committed: false, refused: 'identity.usable' } as const;
    const refused = changes.find((change) => !this.#applies(change as EngineChange));
    if (refused !== undefined) return { committed: false, refused: refused.type } as const;
    for (const change of changes) this.#apply(change as EngineChange);
    this.commits += 1;
    return { committed: true } as const;
  }

  /** Users are a test's own: what a commit changes about them is not applied here, and so is no reason to refuse it. */
  async #isUsable(changes: readonly Change[]): Promise<boolean> {
    const wanted = (changes as readonly EngineChange[]).find((change) => change.type === 'identity.usable');
    if (wanted === undefined || changes.some((change) => change !== wanted && change.id === wanted.id)) return true;
    const user = await this.#directory.findById(wanted.id);
    return user?.active === true && user.credentialRev === wanted.credentialRev;
  }

  #applies(change: EngineChange): boolean {
    switch (change.type) {
      case 'journey.insert':
        return !this.journeys.has(change.row.id);
      case 'journey.advance': {
        const row = this.journeys.get(change.row.id);
        return row !== undefined && !row.ended && row.nonce === change.seenNonce;
      }
      case 'session.usable':
        return this.sessions.has(change.tokenHash);
      case 'session.continues':
        return [...this.sessions.values()].some(({ userId, sid }) => userId === change.userId && sid === change.sid);
      case 'factor.held':
        return !this.removedDevices.has(change.uuid);
      case 'backChannel.start':
      case 'backChannel.tell':
      case 'backChannel.approve':
        return this.#isOpen(change);
      default:
        return true;
    }
  }

  #apply(change: EngineChange): void {
    switch (change.type) {
      case 'journey.insert':
      case 'journey.advance':
        this.journeys.set(change.row.id, change.row);
        return;
      case 'session.insert':
        this.sessions.set(change.row.tokenHash, change.row);
        if (change.replaces !== undefined) this.sessions.delete(change.replaces.tokenHash);
        return;
      case 'factor.held':
      case 'identity.usable':
      case 'realm.usable':
      case 'session.usable':
      case 'session.continues':
        return;
      case 'audit.append':
        this.audit.push(change.event);
        return;
      case 'backChannel.open':
        this.channels.set(change.row.idHash, change.row);
        return;
      case 'backChannel.start':
        this.#setChannel(change, { status: 'started' });
        return;
      case 'backChannel.tell':
        this.#setChannel(change, { notice: change.notice });
        return;
      case 'backChannel.approve':
        this.#setChannel(change, { status: 'approved', ...(change.properties && { properties: change.properties }) });
        return;
      case 'backChannel.deny':
        if (this.#isOpen(change)) this.#setChannel(change, { status: 'denied' });
        return;
      default:
        this.other.push(change);
    }
  }

  #isOpen({ idHash, now }: { readonly idHash: string; readonly now: number }): boolean {
    const channel = this.channels.get(idHash);
    return channel !== undefined && isOpenBackChannel(channel, now);
  }

  #setChannel({ idHash }: { readonly idHash: string }, members: Partial<BackChannel>): void {
    const channel = this.channels.get(idHash);
    if (channel !== undefined) this.channels.set(idHash, { ...channel, ...members });
  }
}

/** A step that a test client holds. */
export type TestStep = Extract<JourneyAnswer, { kind: 'step' }>;

/** Answers for a step: undefined sends what the step came with. */
export const submitted = (
  step: Pick<TestStep, 'callbacks'>,
  answers: readonly unknown[] = [],
): readonly SubmittedCallback[] =>
  step.callbacks.map(({ type, input }, at) => {
    const answer = answers[at];
    const given = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : { '': answer };
    return { type, input: { ...input, ...(answer !== undefined && given) } };
  });

/** Journeys over memory: the engine may not know the store, and its tests need no more than this. */
export const journeyHarness = (options: HarnessOptions) => {
  const clock = options.clock ?? simulatedClock();
  const directory = options.directory ?? memoryDirectory(options.users ?? {});
  const store = new HarnessStore(directory);
  const log = memoryLog();
  const random = seededRandom(7);
  const realms = options.realms ?? [testRealm()];
  const published = new Map(
    realms.flatMap(({ realm }) =>
      Object.entries(options.trees).map(([name, tree]): [string, PublishedTree[]] => [
        `${realm}\n${name}`,
        [publishedTree(name, tree, 1, realm)],
      ]),
    ),
  );
  const removed = new Set<string>();
  const versions = (realm: string, name: string) => published.get(`${realm}\n${name}`) ?? [];
  const configuration: Configuration = {
    realm: (path) => realms.find(({ realm, active }) => active && realm === path),
    realms: () => realms,
    tree: (realm, name) => (removed.has(`${realm}\n${name}`) ? undefined : versions(realm, name).at(-1)),
    treeVersion: async (realm, name, version) => versions(realm, name).find((tree) => tree.version === version),
    service: () => undefined,
    script: () => undefined,
    scripts: () => [],
  };
  // Looked up each time: a test may put another in its place.
  const ownCommit: Committer['commit'] = (changes) => store.commit(changes);
  const { commit = (changes) => ownCommit(changes) } = options;
  let tokens = 0;
  const journeys = new Journeys({
    configuration,
    catalogue: new Map(options.nodes.map((node) => [node.type, node])),
    bindings: options.bindings ?? new Bindings(),
    committer: { commit: (changes) => commit(changes, ownCommit) },
    journeySessions: store,
    backChannels: store.backChannels,
    identities: directory,
    clock,
    random,
    texts: new TextCatalogue(),
    log,
    newToken() {
      tokens += 1;
      return { token: `token-${tokens}`, tokenHash: `hash-${tokens}` };
    },
    // Tests compare short texts; a text read backwards is digest enough.
    digest: (text) => [...text].reverse().join(''),
    submitCode: (text) => `code of ${text}`,
    isAllowedRedirect: (url) => url.startsWith('/'),
    resumeLink: ({ realm, tree, suspendedId }) => `/login?realm=${realm}&tree=${tree}&suspendedId=${suspendedId}`,
    isReservedCookie: (name) => name === 'session',
    ...options.faults,
  });

  const start = (tree?: string, parameters: JourneyParameters = {}, request: JourneyRequest = fakeRequest()) =>
    journeys.start({ realm: '/', ...(tree !== undefined && { tree }), parameters, request });
  const post = (
    reference: JourneyReference,
    callbacks?: readonly SubmittedCallback[],
    {
      realm = reference.realm,
      request = fakeRequest(),
      noSession = false,
    }: { realm?: string; request?: JourneyRequest; noSession?: boolean } = {},
  ) => journeys.continue({ realm, reference, request, noSession, ...(callbacks !== undefined && { callbacks }) });
  const resume = (suspendedId: string, { realm = '/', request = fakeRequest(), noSession = false } = {}) =>
    journeys.resume({ realm, suspendedId, noSession, request });
  const expectStep = (answer: JourneyAnswer): TestStep => {
    if (answer.kind !== 'step') throw new TypeError('The journey has ended where a step was expected.');
    return answer;
  };

  return {
    journeys,
    clock,
    store,
    log,
    start,
    post,
    /** Follows the link of a suspended journey. */
    resume,
    /** Starts and expects a step. */
    begin: async (tree?: string, parameters?: JourneyParameters) => expectStep(await start(tree, parameters)),
    /** Answers a step; undefined among the answers leaves an input as it came. */
    answer: (step: TestStep, ...answers: readonly unknown[]) => post(step.reference, submitted(step, answers)),
    /** Answers a step and expects another. */
    step: async (step: TestStep, ...answers: readonly unknown[]) =>
      expectStep(await post(step.reference, submitted(step, answers))),
    /** Publishes the next version of a tree. */
    publish(name: string, tree: TestTree, realm = '/') {
      const known = versions(realm, name);
      published.set(`${realm}\n${name}`, [...known, publishedTree(name, tree, known.length + 1, realm)]);
    },
    /** Deletes a tree; its versions stay for the journeys on them. */
    remove(name: string, realm = '/') {
      removed.add(`${realm}\n${name}`);
    },
  };
};
