import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import { BoundedLog } from '../execution/bounded-log.ts';
import { earnedBy, NOTHING_EARNED } from '../execution/earned.ts';
import type { WalkEnd } from '../execution/evaluator.ts';
import {
  type ExecutionContext,
  type JourneyLog,
  type JourneyProgress,
  keeperOf,
  newPosition,
} from '../execution/execution-context.ts';
import { runInnerTree } from '../execution/inner-trees.ts';
import { newSuspension } from '../execution/suspension.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import { newNonce } from '../model/nonce.ts';
import { copyOfJson } from '../state/copy-of-json.ts';
import { sameJson } from '../state/same-json.ts';
import { JourneyState } from '../state/state.ts';
import type { CompiledTree, InnerTrees } from '../tree/compiled-tree.ts';
import { credentialVersionAtStep } from '../unit-of-work/credential-version.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { JourneyAudit } from './journey-audit.ts';
import type {
  InnerVersions,
  JourneyAnswer,
  JourneyDependencies,
  JourneyParameters,
  JourneyReference,
} from './journey-requests.ts';
import { type Visitor, visitorOf } from './new-session.ts';
import type { ShownStep } from './shown-steps.ts';
import { type Carried, sizeOfCarried } from './stored-state.ts';

/** A page may number its callbacks without a first step becoming worth a write. */
const PAGE_BOOKKEEPING = 'pageNodeCallbacks';

const SILENT_LOG: JourneyLog = { warn: () => undefined, error: () => undefined };

/** What a request came to; `commit` asks for the changes of its unit of work to be written first. */
export interface Outcome {
  readonly answer?: JourneyAnswer;
  readonly error?: Error;
  readonly commit?: boolean;
}

/** What was submitted, for a journey whose next step is to be stored. */
export interface Submitted {
  /** Nonce of the stored row; absent for a journey that is stored nowhere yet. */
  readonly seenNonce?: string;
  /** Of the submitted callbacks; worked out only where a step is stored, and absent where a link was followed. */
  readonly code?: () => string;
}

/** What is to be executed for a request that was found in order. */
export interface StepPlan {
  readonly tree: CompiledTree;
  readonly trees: InnerTrees;
  readonly reference: JourneyReference;
  readonly parameters: JourneyParameters;
  readonly carried: Carried;
  /** Absent on a start. */
  readonly submitted?: Submitted;
}

/** A step that was shown, what came back for it, and where it waits in inner trees. */
export interface AnsweredStep {
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
  readonly inner: readonly string[];
}

/** Where an execution stopped; `unchanged` where the step that was answered is shown again and nothing is worth a write. */
export type ExecutionEnd = WalkEnd | ({ readonly kind: 'unchanged' } & ShownStep);

const nextTurnOf = ({ walkTurns }: JourneyDependencies, unit: JourneyUnitOfWork): (() => Promise<void>) | undefined => {
  if (walkTurns === undefined) return undefined;
  const lane = { realm: unit.realm.realm, caller: unit.request.clientAddress };
  return () => unit.takeWalkTurn(() => walkTurns(lane));
};

/** One execution of a step: the nodes that run in it share its context, and stage what they want written in its unit of work. */
export class StepExecution {
  readonly dependencies: JourneyDependencies;
  readonly unit: JourneyUnitOfWork;
  readonly plan: StepPlan;
  readonly progress: JourneyProgress;
  readonly context: ExecutionContext;
  readonly audit: JourneyAudit;
  /** Whether the walk is that from the entry of the tree, of which a first step may be stored nowhere. */
  isBeginning = false;
  readonly #log: BoundedLog;
  #visitor: Visitor | undefined;

  constructor({
    dependencies,
    unit,
    plan,
    isPreview,
  }: {
    readonly dependencies: JourneyDependencies;
    readonly unit: JourneyUnitOfWork;
    readonly plan: StepPlan;
    /** Nothing of it is written, nothing said in the log. */
    readonly isPreview: boolean;
  }) {
    this.dependencies = dependencies;
    this.unit = unit;
    this.plan = plan;
    this.audit = new JourneyAudit(unit, plan.reference, dependencies.clock);
    this.progress = this.#newProgress(plan);
    this.#log = new BoundedLog(isPreview ? SILENT_LOG : dependencies.log);
    this.context = {
      unitOfWork: unit,
      state: new JourneyState(plan.carried.shared, plan.carried.secure, plan.carried.hidden, () =>
        sizeOfCarried(plan.carried),
      ),
      progress: this.progress,
      texts: dependencies.texts,
      isPreview,
      log: this.#log,
      observer: isPreview ? undefined : dependencies.observer,
      bound: new Map(),
      trees: plan.trees,
      nextTurn: nextTurnOf(dependencies, unit),
      position: newPosition(),
      enter: (...visit) => runInnerTree(this.context, ...visit),
    };
    this.progress.earned = earnedBy(this.context);
  }

  /** What the nodes have done up to now is over: the log says how many lines it lacks. */
  endPart(): void {
    const { unit, plan } = this;
    const { realm, tree: journey } = plan.reference;
    this.#log.end({ realm, journey, transactionId: unit.request.transactionId });
  }

  /** Where the journey now waits in inner trees, outermost first. */
  get inner(): readonly string[] {
    return this.context.position.waiting.map(({ nodeId }) => nodeId);
  }

  /** For the answer, where a node wants any. */
  get cookies(): { readonly cookies?: readonly JourneyCookie[] } {
    const { cookies } = this.progress;
    return cookies.length === 0 ? {} : { cookies };
  }

  get innerVersions(): { readonly innerVersions?: InnerVersions } {
    const { versions } = this.context.trees;
    return versions.size === 0 ? {} : { innerVersions: Object.fromEntries(versions) };
  }

  /** Whom the state names as the user, where it names anybody. */
  get username(): string | undefined {
    const username = this.progress.sessionOptions.username ?? this.context.state.get('username');
    return typeof username === 'string' && username !== '' ? username : undefined;
  }

  /**
   * Whom the journey is about as far as it has met anyone: identified, or only named. What is written of a failure names the user, or an erasure
   * of the user would leave the address and the browser in it.
   */
  get userId(): string | undefined {
    const { identity, boundUser, credential } = this.progress;
    if (identity !== undefined) return identity;
    const met = credentialVersionAtStep(this.unit, credential, { id: boundUser, name: this.username });
    return met === 'outdated' ? credential?.userId : met.version?.userId;
  }

  get visitor(): Visitor {
    this.#visitor ??= visitorOf(this.unit.request);
    return this.#visitor;
  }

  /** Whether a first step may be stored nowhere: nothing but page bookkeeping was changed. */
  get isPristine(): boolean {
    return this.#changedOnly((name) => name === PAGE_BOOKKEEPING);
  }

  /** Whether a walk that ended on the step it began with changed nothing worth a write. */
  isUnchanged(end: WalkEnd, nodeId: string, { sent, inner }: AnsweredStep): boolean {
    const { tree } = this.plan;
    const { waiting } = this.context.position;
    const isVolatile = (name: string) => tree.isVolatile(name) || waiting.some((level) => level.tree.isVolatile(name));
    return (
      end.kind === 'step' &&
      end.nodeId === nodeId &&
      waiting.length === inner.length &&
      waiting.every((level, at) => level.nodeId === inner[at]) &&
      this.#changedOnly((name) => name === PAGE_BOOKKEEPING || isVolatile(name)) &&
      sameJson(end.callbacks, sent)
    );
  }

  #changedOnly(isHarmless: (name: string) => boolean): boolean {
    const { changes, always } = this.unit;
    return (
      changes.length === 0 &&
      always.length === 0 &&
      !this.progress.changed &&
      this.context.state.changedNames(isHarmless).length === 0
    );
  }

  #newProgress({ reference, carried }: StepPlan): JourneyProgress {
    const { clock, random, digest, submitCode, resumeLink, isReservedCookie } = this.dependencies;
    const { journeyId, realm, tree, expiresAt, nonce } = reference;
    // What was stored is read by others, too: of what a node may change, each execution has its own.
    const { factors, sentCodes, sessionOptions, settings } = copyOfJson({
      factors: carried.factors ?? [],
      sentCodes: carried.sentCodes ?? [],
      sessionOptions: carried.sessionOptions,
      settings: carried.settings ?? {},
    });
    return {
      keep: keeperOf(
        () => this.context.state,
        () => this.progress,
      ),
      journeyId,
      tree,
      expiresAt,
      identity: carried.identity,
      boundUser: carried.boundUser,
      credential: carried.credential,
      earnedFor: carried.earnedFor,
      factors,
      sentCodes,
      newestCodes: carried.newestCodes ?? {},
      followedLink: carried.followedLink,
      usedSessions: carried.usedSessions ?? [],
      challenges: new Map(Object.entries(carried.challenges ?? {})),
      handedOver: new Map(Object.entries(carried.handedOver ?? {})),
      // A beginning that is stored nowhere is walked again for its first answer, and has to come to the same challenge (WA-02).
      makeChallenge: (name) =>
        digest(JSON.stringify(['challenge', journeyId, this.isBeginning ? nonce : newNonce(random), name])),
      backChannel: carried.backChannel,
      sessionOptions,
      visited: new Set(carried.visited),
      settings: new Map(Object.entries(settings)),
      changed: false,
      earned: NOTHING_EARNED,
      cookies: [],
      failureReason: undefined,
      isReservedCookie,
      suspension: undefined,
      suspend: (minutes) => {
        const suspension = newSuspension(journeyId, minutes, random, digest);
        return { suspension, link: resumeLink({ realm, tree, suspendedId: suspension.suspendedId }) };
      },
      now: () => clock.now(),
      digestOf: (text, like) => submitCode(text, like),
      audit: (event, { type: nodeType, id: nodeId }, detail) =>
        this.audit.stage(event, this.progress.identity, { nodeType, nodeId, ...(detail && { detail }) }),
      auditRefusal: (outcome, reason, { type: nodeType, id: nodeId }) =>
        this.unit.stageAlways(
          this.audit.row(reason === 'locked' ? 'THROTTLED' : 'AUTH_FAIL', this.userId, {
            nodeType,
            nodeId,
            outcome,
            detail: this.visitor,
          }),
        ),
    };
  }
}
