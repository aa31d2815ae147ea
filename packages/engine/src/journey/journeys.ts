import { matchCallbacks } from '../callbacks/callback-matching.ts';
import { EndedInError } from '../execution/ended-in-error.ts';
import type { WalkEnd } from '../execution/evaluator.ts';
import { NO_ANSWERS, NO_CALLBACKS } from '../execution/execution-context.ts';
import { readSuspendedId } from '../execution/suspension.ts';
import { isOpenBackChannel, mayAnswerBackChannel } from '../model/back-channels.ts';
import type { PublishedTree, RealmSettings } from '../model/configuration.ts';
import { JourneyError, NotPreviewed } from '../model/errors.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import { newNonce } from '../model/nonce.ts';
import { timeOrderedUuid } from '../model/time-ordered-uuid.ts';
import type { JourneyRequest } from '../node/node-definition.ts';
import { type CompiledTree, compileTree, type InnerTrees } from '../tree/compiled-tree.ts';
import type { CommitResult, Committer, EngineChange } from '../unit-of-work/changes.ts';
import { CREDENTIALS_CHANGED, isOutdatedNow } from '../unit-of-work/credential-version.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import { InnerTreesOfJourney } from './inner-trees-of-journey.ts';
import type {
  BackChannelStart,
  ContinueRequest,
  InnerVersions,
  JourneyAnswer,
  JourneyDependencies,
  JourneyParameters,
  JourneyReference,
  JourneyStatus,
  ResumeRequest,
  StartRequest,
} from './journey-requests.ts';
import { successUrlOf } from './leading-urls.ts';
import { sharedStep } from './shown-steps.ts';
import { type Outcome, StepExecution } from './step-execution.ts';
import { type Carried, readStored, writeState } from './stored-state.ts';

/** An identical submit within this time gets the step that the first one got (SEC-39). */
const RETRY_MILLIS = 60_000;
/** A commit that lost a race this often meets more than bad luck. */
const MAX_ATTEMPTS = 8;
/** Parameters above this size are stored instead of travelling in the authId. */
const MAX_PARAMETERS_LENGTH = 1_024;

/** A start whose first step is still to be found. */
interface Begun {
  readonly realm: RealmSettings;
  readonly tree: CompiledTree;
  readonly reference: JourneyReference & { readonly start: JourneyParameters };
  readonly parameters: JourneyParameters;
}

const NO_COMMITTER: Committer = {
  commit() {
    throw new TypeError('A preview commits nothing.');
  },
};

const expired = (reason: string) => new JourneyError('JOURNEY_EXPIRED', { reason });

/** Runs journeys: starts them, moves them on by one submit at a time, and ends them. */
export class Journeys {
  readonly #with: JourneyDependencies;
  readonly #turns = new Turns();
  readonly #compiled = new WeakMap<PublishedTree, CompiledTree>();

  constructor(dependencies: JourneyDependencies) {
    this.#with = dependencies;
  }

  /** Starts a journey, or answers at once for a session that this journey made already (spec: journeys-rest §1.10). */
  async start(start: StartRequest): Promise<JourneyAnswer> {
    const begun = this.#begin(start);
    if ('answer' in begun) return begun.answer;
    const { realm, reference } = begun;
    return await this.#submit(realm, reference.journeyId, start.request, async (submit) => {
      const attempt = this.#firstAttempt(begun, submit);
      const walking = attempt.walk(begun.tree.published.tree.entryNodeId);
      const end = walking instanceof Promise ? await walking : walking;
      const answer = unstoredStep(attempt, reference, end);
      return answer === undefined ? attempt.conclude(end) : { answer };
    });
  }

  /**
   * What a start is answered where it leaves nothing behind: a first step that is stored nowhere, or the session that is
   * there. Undefined where it would be written, or a node would act: for a page that is only being looked at, since a GET is
   * safe (RFC 9110 §9.2.1). A preview has no effect at all: it commits nothing, keeps nobody waiting, and says nothing in the
   * log.
   */
  async preview(start: StartRequest): Promise<JourneyAnswer | undefined> {
    const begun = this.#begin(start);
    if ('answer' in begun) return begun.answer;
    const { realm, reference } = begun;
    const submit = new JourneyUnitOfWork(realm, reference.journeyId, start.request, NO_COMMITTER, new Turns());
    const attempt = this.#firstAttempt(begun, submit, { isPreview: true });
    try {
      return unstoredStep(attempt, reference, await attempt.walk(begun.tree.published.tree.entryNodeId));
    } catch (error) {
      if (error instanceof EndedInError || error instanceof NotPreviewed) return undefined;
      throw error;
    }
  }

  /** Moves a journey on by one submit, or sends its current step again. */
  async continue(next: ContinueRequest): Promise<JourneyAnswer> {
    const { reference } = next;
    if (next.realm !== reference.realm) throw expired('The authId belongs to another realm.');
    const realm = this.#realm(reference.realm);
    if (this.#with.clock.now() >= reference.expiresAt) throw expired('The journey is over its time limit.');
    const tree = this.#newest(reference) ?? (await this.#running(reference));
    return await this.#submit(realm, reference.journeyId, next.request, async (submit) => {
      const row = await this.#with.journeySessions.get(reference.journeyId);
      const outcome =
        row === undefined ? this.#firstSubmit(submit, tree, next) : this.#laterSubmit(submit, tree, next, row);
      return outcome instanceof Promise ? await outcome : outcome;
    });
  }

  /**
   * Looks where a journey stands and moves nothing; what a submit of the reference would be refused for is refused here too.
   * Undefined for a first step that is stored nowhere.
   */
  async status({ realm, reference }: Pick<ContinueRequest, 'realm' | 'reference'>): Promise<JourneyStatus | undefined> {
    if (realm !== reference.realm) throw expired('The authId belongs to another realm.');
    this.#realm(realm);
    if (this.#with.clock.now() >= reference.expiresAt) throw expired('The journey is over its time limit.');
    const row = await this.#with.journeySessions.get(reference.journeyId);
    if (row === undefined) {
      if (reference.start === undefined) throw expired('No such journey.');
      return undefined;
    }
    if (row.ended) throw expired('The journey has finished.');
    if (row.nonce !== reference.nonce) throw expired('The authId was used already.');
    const { shared, identity } = readStored(row).state;
    return { journeyId: row.id, shared, ...(identity !== undefined && { identifiedUser: identity }) };
  }

  /** Goes on with a suspended journey from the node that suspended it (spec: journeys-rest §1.12). */
  async resume({ realm: path, suspendedId, noSession, binding, request }: ResumeRequest): Promise<JourneyAnswer> {
    const gone = (reason: string) => new JourneyError('SUSPENSION_GONE', { reason });
    const realm = this.#realm(path);
    const link = readSuspendedId(suspendedId, this.#with.digest);
    if (link === undefined) throw gone('No link of ours has such an id.');
    return this.#submit(realm, link.journeyId, request, async (submit) => {
      const row = await this.#with.journeySessions.get(link.journeyId);
      if (row === undefined || row.realm !== realm.realm) throw gone('The realm has no such journey.');
      if (row.ended || row.nonce !== link.nonce) throw gone('The link was used already, or is another one.');
      const now = this.#with.clock.now();
      if (now >= row.expiresAt) throw gone('The link is over its time limit.');
      const tree = await this.#running(row);
      const stored = readStored(row).state;
      if (stored.credential && (await isOutdatedNow(submit, this.#with.identities, stored.credential))) {
        throw gone(CREDENTIALS_CHANGED);
      }
      const reference: JourneyReference = {
        realm: row.realm,
        tree: row.tree,
        treeVersion: row.treeVersion,
        journeyId: row.id,
        nonce: row.nonce,
        expiresAt: now + this.#journeyMinutes(tree, realm) * 60_000,
        ...(binding !== undefined && { binding }),
      };
      const attempt = new StepExecution({
        dependencies: this.#with,
        submit,
        tree,
        trees: this.#innerTrees(realm.realm, stored.innerVersions),
        reference,
        parameters: withWish(stored.parameters, noSession),
        carried: stored,
        submitted: { seenNonce: row.nonce },
      });
      const step = { sent: NO_CALLBACKS, answers: NO_ANSWERS, inner: stored.inner ?? [] };
      return attempt.conclude(await attempt.walk(stored.node, step, true));
    });
  }

  /**
   * Starts the journey that another one has asked for. That is written at once, so that the other one learns of it, and
   * whoever has the id may start it again until it has come to its end. A session that is there already proves nothing here.
   */
  async startBackChannel({ realm: path, id, parameters, binding, request }: BackChannelStart): Promise<JourneyAnswer> {
    const gone = (reason: string) => new JourneyError('BACK_CHANNEL_GONE', { reason });
    const realm = this.#realm(path);
    const idHash = this.#with.digest(id);
    const journeyId = this.#newId();
    return this.#submit(realm, journeyId, request, async (submit) => {
      const now = this.#with.clock.now();
      const row = await this.#with.backChannels.get(idHash);
      if (row === undefined || row.realm !== realm.realm) throw gone('The realm has no such back channel.');
      if (!isOpenBackChannel(row, now)) throw gone('The back channel is over, or out of time.');
      const published = this.#with.configuration.tree(realm.realm, row.tree);
      if (!mayAnswerBackChannel(published)) {
        throw new JourneyError('TREE_NOT_FOUND', {
          tree: row.tree,
          reason: 'The tree cannot be run by a back channel.',
        });
      }
      const tree = this.#compile(published);
      const { allowRetry, subject, data } = row;
      const first = initialState(realm, parameters);
      submit.stage({ type: 'backChannel.start', idHash, now } satisfies EngineChange);
      const attempt = new StepExecution({
        dependencies: this.#with,
        submit,
        tree,
        trees: this.#innerTrees(realm.realm),
        reference: {
          realm: realm.realm,
          tree: row.tree,
          treeVersion: published.version,
          journeyId,
          nonce: newNonce(this.#with.random),
          expiresAt: now + this.#journeyMinutes(tree, realm) * 60_000,
          ...(binding !== undefined && { binding }),
        },
        parameters,
        carried: {
          ...first,
          shared: { ...(JSON.parse(data) as Readonly<Record<string, unknown>>), ...first.shared },
          backChannel: { idHash, allowRetry, ...(subject !== undefined && { subject }) },
        },
      });
      return attempt.conclude(await attempt.walk(published.tree.entryNodeId));
    });
  }

  /** Where a start begins, or what answers it at once. */
  #begin({ realm: path, tree: wanted, parameters, binding, request }: StartRequest): Begun | { answer: JourneyAnswer } {
    const realm = this.#realm(path);
    const name = wanted ?? realm.defaultTree;
    const tree = this.#startable(realm.realm, name);
    const { session } = request;
    const isSameJourney = wanted === undefined || session?.properties.Service === name;
    if (session !== undefined && isSameJourney && !tree.published.tree.mustRun && parameters.forceAuth !== true) {
      const successUrl = successUrlOf(this.#with, realm, parameters);
      return { answer: { kind: 'success', realm, existing: session, successUrl } };
    }
    const reference: Begun['reference'] = {
      realm: realm.realm,
      tree: name,
      treeVersion: tree.published.version,
      journeyId: this.#newId(),
      nonce: newNonce(this.#with.random),
      expiresAt: this.#with.clock.now() + this.#journeyMinutes(tree, realm) * 60_000,
      start: parameters,
      ...(binding !== undefined && { binding }),
    };
    return { realm, tree, reference, parameters };
  }

  #firstAttempt(
    { realm, tree, reference, parameters }: Begun,
    submit: JourneyUnitOfWork,
    { isPreview = false }: { readonly isPreview?: boolean } = {},
  ): StepExecution {
    return new StepExecution({
      dependencies: this.#with,
      submit,
      tree,
      trees: this.#innerTrees(realm.realm),
      reference,
      parameters,
      carried: initialState(realm, parameters),
      isPreview,
    });
  }

  /** The first submit of a start that was stored nowhere: the start is walked again, then the answers are applied. */
  async #firstSubmit(submit: JourneyUnitOfWork, tree: CompiledTree, next: ContinueRequest): Promise<Outcome> {
    const { callbacks: given } = next;
    if (next.reference.start === undefined) throw expired('No such journey.');
    const parameters = withWish(next.reference.start, next.noSession);
    const reference = parameters === next.reference.start ? next.reference : { ...next.reference, start: parameters };
    const attempt = new StepExecution({
      dependencies: this.#with,
      submit,
      tree,
      trees: this.#innerTrees(submit.realm.realm, reference.innerVersions),
      reference,
      parameters,
      carried: initialState(submit.realm, parameters),
      submitted: { code: () => this.#submitCode(next) },
    });
    const beginning = attempt.walk(tree.published.tree.entryNodeId);
    const begun = beginning instanceof Promise ? await beginning : beginning;
    if (begun.kind !== 'step') throw expired('The first step is another one now.');
    const { callbacks, presentation } = begun;
    const again: Outcome = { answer: { kind: 'step', reference, callbacks, presentation } };
    if (given === undefined) return again;
    const step = { sent: callbacks, answers: matchCallbacks(callbacks, given), inner: attempt.inner };
    const walking = attempt.walk(begun.nodeId, step);
    const end = walking instanceof Promise ? await walking : walking;
    return attempt.isUnchanged(end, begun.nodeId, step) ? again : attempt.conclude(end);
  }

  #laterSubmit(
    submit: JourneyUnitOfWork,
    tree: CompiledTree,
    next: ContinueRequest,
    row: JourneySession,
  ): Outcome | Promise<Outcome> {
    if (row.ended) throw expired('The journey has finished.');
    const { step: shown, state: stored } = readStored(row);
    const { sent: callbacks, presentation } = shown;
    const reference = referenceOf(next.reference, row);
    const parameters = withWish(stored.parameters, next.noSession);
    const again = (): Outcome => {
      const answer = { kind: 'step', reference, callbacks, presentation } as const;
      if (parameters === stored.parameters) return { answer };
      // The step stays where it is, and so does its authId; what was wished is kept.
      const { text } = writeState(row.nonce, shown, { ...stored, parameters });
      submit.stage({
        type: 'journey.advance',
        seenNonce: row.nonce,
        row: { ...row, state: text },
      } satisfies EngineChange);
      return { answer, commit: true };
    };
    if (row.nonce !== next.reference.nonce) {
      if (this.#isRetry(row, next)) return again();
      throw expired('The authId was used already.');
    }
    if (next.callbacks === undefined || stored.suspended) return again();
    const attempt = new StepExecution({
      dependencies: this.#with,
      submit,
      tree,
      trees: this.#innerTrees(submit.realm.realm, stored.innerVersions),
      reference,
      parameters,
      carried: stored,
      submitted: { seenNonce: row.nonce, code: () => this.#submitCode(next) },
    });
    const answers = matchCallbacks(callbacks, next.callbacks);
    const step = { sent: callbacks, answers, inner: stored.inner ?? [] };
    const walking = attempt.walk(stored.node, step);
    const outcomeOf = (end: WalkEnd) => (attempt.isUnchanged(end, stored.node, step) ? again() : attempt.conclude(end));
    return walking instanceof Promise ? walking.then(outcomeOf) : outcomeOf(walking);
  }

  #isRetry({ lastSubmit }: JourneySession, next: ContinueRequest): boolean {
    return (
      // Whoever sends nothing tries nothing again: the step may be another browser's by now, as after a link was followed.
      next.callbacks !== undefined &&
      lastSubmit?.nonce === next.reference.nonce &&
      lastSubmit.code === this.#submitCode(next) &&
      this.#with.clock.now() - lastSubmit.at <= RETRY_MILLIS
    );
  }

  /** The nonce is in it, so that two journeys in which the same was typed do not tell that they have it in common. */
  #submitCode({ callbacks, reference }: ContinueRequest): string {
    return callbacks === undefined ? '' : this.#with.submitCode(JSON.stringify([reference.nonce, callbacks]));
  }

  /** Runs `attempt` until its commit stands; a commit that lost a race is run again from what is stored now. */
  async #submit(
    realm: RealmSettings,
    journeyId: string,
    request: JourneyRequest,
    attempt: (submit: JourneyUnitOfWork) => Promise<Outcome>,
  ): Promise<JourneyAnswer> {
    const submit = new JourneyUnitOfWork(realm, journeyId, request, this.#with.committer, this.#turns);
    try {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
        const outcome = await outcomeOf(attempt, submit);
        if (outcome.commit === true) {
          const result = await this.#commit(submit);
          if (!result.committed) {
            if (tries === MAX_ATTEMPTS - 1) await this.#commitKept(submit);
            submit.startOver(result.refused);
            continue;
          }
          this.#runEffects(submit);
        }
        if (outcome.answer === undefined) throw told(outcome.error);
        return outcome.answer;
      }
      throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    } finally {
      submit.release();
    }
  }

  /** A store that cannot write what a submit wants is asked to write at least what must be written in any case. */
  async #commit(submit: JourneyUnitOfWork): Promise<CommitResult> {
    try {
      return await this.#with.committer.commit(submit.changes);
    } catch (error) {
      await this.#commitKept(submit);
      throw error;
    }
  }

  /** The last that can be done for it: the caller is told of what came before, and not whether a guess was right. */
  async #commitKept({ kept, request: { transactionId } }: JourneyUnitOfWork): Promise<void> {
    if (kept.length === 0) return;
    const lost = (cause: string) => this.#with.log.error('A guess could not be counted.', { transactionId, cause });
    try {
      const result = await this.#with.committer.commit(kept);
      if (!result.committed) lost(result.refused);
    } catch (error) {
      lost(String(error));
    }
  }

  /** The commit stands, so nothing that follows it may turn the answer into a failure (REL-15). */
  #runEffects({ effects, request }: JourneyUnitOfWork): void {
    for (const effect of effects) {
      try {
        effect();
      } catch (error) {
        const { transactionId } = request;
        this.#with.log.error('What follows a commit failed.', { transactionId, cause: String(error) });
      }
    }
  }

  #journeyMinutes({ published }: CompiledTree, realm: RealmSettings): number {
    return published.tree.treeTimeout ?? realm.journeyMinutes;
  }

  #newId(): string {
    return timeOrderedUuid(this.#with.random, this.#with.clock.now());
  }

  #realm(path: string): RealmSettings {
    const realm = this.#with.configuration.realm(path);
    if (realm === undefined || !realm.active) throw new JourneyError('REALM_UNKNOWN', { realm: path });
    return realm;
  }

  #startable(realm: string, name: string): CompiledTree {
    const published = this.#with.configuration.tree(realm, name);
    const refused = (reason: string) => new JourneyError('TREE_NOT_FOUND', { tree: name, reason });
    if (published === undefined) throw refused('There is no such tree.');
    const { enabled, innerTreeOnly, transactionalOnly } = published.tree;
    if (!enabled || innerTreeOnly || transactionalOnly) throw refused('The tree cannot be started.');
    return this.#compile(published);
  }

  /** The version that a journey keeps to, where that is the newest still: then nothing is to be awaited. */
  #newest({ realm, tree, treeVersion }: JourneyReference): CompiledTree | undefined {
    const published = this.#with.configuration.tree(realm, tree);
    return published?.version === treeVersion ? this.#compile(published) : undefined;
  }

  async #running({
    realm,
    tree,
    treeVersion,
  }: Pick<JourneyReference, 'realm' | 'tree' | 'treeVersion'>): Promise<CompiledTree> {
    const published = await this.#with.configuration.treeVersion(realm, tree, treeVersion);
    if (published === undefined) throw expired('The version of the tree is gone.');
    return this.#compile(published);
  }

  #innerTrees(realm: string, met?: InnerVersions): InnerTrees {
    return new InnerTreesOfJourney(this.#with.configuration, this.#compile, realm, met);
  }

  /** Once per published version: requests then see immutable objects. */
  readonly #compile = (published: PublishedTree): CompiledTree => {
    let tree = this.#compiled.get(published);
    if (tree === undefined) {
      const { catalogue, bindings, placeholderValue } = this.#with;
      tree = compileTree(published, catalogue, bindings, placeholderValue);
      this.#compiled.set(published, tree);
    }
    return tree;
  };
}

/** A first step that is stored nowhere; undefined for anything that has to be written. */
const unstoredStep = (
  attempt: StepExecution,
  reference: Begun['reference'],
  end: WalkEnd,
): JourneyAnswer | undefined => {
  if (end.kind !== 'step' || !attempt.isPristine) return undefined;
  if (JSON.stringify(reference.start).length > MAX_PARAMETERS_LENGTH) return undefined;
  const { sent, presentation } = sharedStep(end.nodeId, { sent: end.callbacks, presentation: end.presentation });
  const { innerVersions, cookies } = attempt;
  return { kind: 'step', reference: { ...reference, ...innerVersions }, callbacks: sent, presentation, ...cookies };
};

/**
 * What an attempt comes to. An error that has ended its journey is written; any other leaves everything as it was but for what
 * must be written in any case: an exception is a way out, too, and guesses are counted on it (SEC-56).
 */
const outcomeOf = async (
  attempt: (submit: JourneyUnitOfWork) => Promise<Outcome>,
  submit: JourneyUnitOfWork,
): Promise<Outcome> => {
  try {
    return await attempt(submit);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
    if (error instanceof EndedInError) return { error, commit: true };
    submit.keepOnly();
    return { error, commit: submit.kept.length > 0 };
  }
};

const told = (error: unknown): unknown => (error instanceof EndedInError ? error.told : error);

/** The step that is stored now, in the words of the authId that came: what a start carries is stored by then. */
const referenceOf = (
  { realm, tree, treeVersion, journeyId, innerVersions, binding }: JourneyReference,
  { nonce, expiresAt }: JourneySession,
): JourneyReference => ({
  realm,
  tree,
  treeVersion,
  journeyId,
  nonce,
  expiresAt,
  ...(innerVersions && { innerVersions }),
  ...(binding !== undefined && { binding }),
});

/** The parameters themselves where they say so already, or nobody wishes it. */
const withWish = (parameters: JourneyParameters, noSession = false): JourneyParameters =>
  noSession && parameters.noSession !== true ? { ...parameters, noSession } : parameters;

const initialState = (realm: RealmSettings, { goto, gotoOnFail }: JourneyParameters): Carried => ({
  shared: {
    realm: realm.realm,
    authLevel: 0,
    ...(goto !== undefined && { userGotoParam: goto }),
    ...(gotoOnFail !== undefined && { userGotoOnFailParam: gotoOnFail }),
  },
  secure: {},
  sessionOptions: { properties: {} },
  visited: [],
});
