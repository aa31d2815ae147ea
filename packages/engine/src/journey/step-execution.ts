import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import { EndedInError } from '../execution/ended-in-error.ts';
import { runSuccessHooks, type WalkEnd, walk } from '../execution/evaluator.ts';
import {
  type ExecutionContext,
  type JourneyLog,
  type JourneyProgress,
  newPosition,
} from '../execution/execution-context.ts';
import { promoteSecrets, runInnerTree } from '../execution/inner-trees.ts';
import { NODE_TYPE } from '../execution/node-journey-context.ts';
import { newSuspension } from '../execution/suspension.ts';
import type { AuditEvent } from '../model/audit.ts';
import { type AnsweredBackChannel, isOpenBackChannel } from '../model/back-channels.ts';
import { JourneyError, Unavailable } from '../model/errors.ts';
import type { Identity } from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import { newNonce } from '../model/nonce.ts';
import { factorList, factorsOf } from '../model/proven-factors.ts';
import type { Session } from '../model/sessions.ts';
import { sameJson } from '../state/same-json.ts';
import { JourneyState } from '../state/state.ts';
import type { CompiledTree, InnerTrees } from '../tree/compiled-tree.ts';
import type { Change, EngineChange } from '../unit-of-work/changes.ts';
import {
  CREDENTIALS_CHANGED,
  credentialVersionAtStep,
  credentialVersionOf,
  isOutdated,
  revAfter,
} from '../unit-of-work/credential-version.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { StagedUsers } from '../unit-of-work/staged-users.ts';
import { parsedMembers, successDetails } from './answer-members.ts';
import type {
  InnerVersions,
  JourneyAnswer,
  JourneyDependencies,
  JourneyParameters,
  JourneyReference,
} from './journey-requests.ts';
import { failureUrlOf, successUrlOf } from './leading-urls.ts';
import { newSession, type Visitor, visitorOf } from './new-session.ts';
import { type Carried, writeState } from './stored-state.ts';

/** A page may number its callbacks without a first step becoming worth a write. */
const PAGE_BOOKKEEPING = 'pageNodeCallbacks';

const SILENT_LOG: JourneyLog = { warn: () => undefined, error: () => undefined };

/** What an attempt came to; `commit` asks for its changes to be written first. */
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

export interface StepExecutionOptions {
  readonly dependencies: JourneyDependencies;
  readonly submit: JourneyUnitOfWork;
  readonly tree: CompiledTree;
  readonly trees: InnerTrees;
  readonly reference: JourneyReference;
  readonly parameters: JourneyParameters;
  readonly carried: Carried;
  /** Absent on a start. */
  readonly submitted?: Submitted;
  /** Nothing of it is written, nothing said in the log. */
  readonly isPreview?: boolean;
}

/** A step that was shown, what came back for it, and where it waits in inner trees. */
export interface StepAnswered {
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
  readonly inner: readonly string[];
}

const passesByItself = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof JourneyError && error.code === 'OVERLOADED');

type Facts = Pick<AuditEvent, 'nodeType' | 'nodeId' | 'outcome' | 'detail'>;

/** One try at a submit: walks the tree from where the journey stands, and says what is to be written. */
export class StepExecution {
  readonly #with: JourneyDependencies;
  readonly #submit: JourneyUnitOfWork;
  readonly #tree: CompiledTree;
  readonly #reference: JourneyReference;
  readonly #parameters: JourneyParameters;
  readonly #submitted: Submitted | undefined;
  readonly #context: ExecutionContext;
  readonly #progress: JourneyProgress;
  #knownVisitor: Visitor | undefined;

  constructor(options: StepExecutionOptions) {
    const { dependencies, submit, tree, trees, reference, parameters, carried, submitted, isPreview = false } = options;
    this.#with = dependencies;
    this.#submit = submit;
    this.#tree = tree;
    this.#reference = reference;
    this.#parameters = parameters;
    this.#submitted = submitted;
    this.#progress = {
      journeyId: reference.journeyId,
      tree: reference.tree,
      expiresAt: reference.expiresAt,
      identity: carried.identity,
      credential: carried.credential,
      factors: [...(carried.factors ?? [])],
      backChannel: carried.backChannel,
      sessionOptions: { ...carried.sessionOptions, properties: { ...carried.sessionOptions.properties } },
      visited: new Set(carried.visited),
      settings: new Map(carried.settings && Object.entries(carried.settings)),
      changed: false,
      cookies: [],
      isReservedCookie: dependencies.isReservedCookie,
      suspension: undefined,
      suspend: (minutes) => {
        const { journeyId, realm, tree: name } = reference;
        const suspension = newSuspension(journeyId, minutes, dependencies.random, dependencies.digest);
        const { suspendedId } = suspension;
        return { suspension, link: dependencies.resumeLink({ realm, tree: name, suspendedId }) };
      },
      audit: (event, node, detail) =>
        this.#audit(event, this.#progress.identity, {
          nodeType: node.type,
          nodeId: node.id,
          ...(detail && { detail }),
        }),
      auditRefusal: (outcome, reason, { type: nodeType, id: nodeId }) =>
        this.#submit.stageAlways(
          this.#auditRow(reason === 'locked' ? 'THROTTLED' : 'AUTH_FAIL', this.#progress.identity, {
            nodeType,
            nodeId,
            outcome,
            detail: this.#visitor(),
          }),
        ),
    };
    this.#context = {
      unitOfWork: submit,
      state: new JourneyState(carried.shared, carried.secure, carried.hidden),
      progress: this.#progress,
      texts: dependencies.texts,
      isPreview,
      log: isPreview ? SILENT_LOG : dependencies.log,
      bound: new Map(),
      trees,
      position: newPosition(),
      enter: (...visit) => runInnerTree(this.#context, ...visit),
    };
  }

  /**
   * Walks from a node, or on from a step and where it waits in inner trees; a promise only where a node waits. A node error is
   * turned into the end of the journey before it is thrown on. `resumed` says that the step's link was followed.
   */
  walk(from: string, step?: StepAnswered, resumed = false): WalkEnd | Promise<WalkEnd> {
    const { position } = this.#context;
    position.resumeAt = [...(step?.inner ?? [])];
    position.waiting = [];
    position.passed = 0;
    position.resumed = resumed;
    this.#progress.suspension = undefined;
    try {
      const walking = walk(this.#context, this.#tree, from, step?.sent, step?.answers);
      if (walking instanceof Promise) return this.#arrivedLater(walking);
      const promoting = this.#promoted(walking);
      if (promoting === undefined) return walking;
      return promoting.then(
        () => walking,
        (error: unknown) => {
          throw this.#endedInError(error);
        },
      );
    } catch (error) {
      throw this.#endedInError(error);
    }
  }

  async #arrivedLater(walking: Promise<WalkEnd>): Promise<WalkEnd> {
    try {
      const end = await walking;
      const promoting = this.#promoted(end);
      if (promoting !== undefined) await promoting;
      return end;
    } catch (error) {
      throw this.#endedInError(error);
    }
  }

  #promoted(end: WalkEnd): Promise<void> | undefined {
    return end.kind === 'step' ? promoteSecrets(this.#context, this.#tree, end.nodeId) : undefined;
  }

  /** Where the journey now waits in inner trees, outermost first. */
  get inner(): readonly string[] {
    return this.#context.position.waiting.map(({ nodeId }) => nodeId);
  }

  /** For the answer, where a node wants any. */
  get cookies(): { readonly cookies?: readonly JourneyCookie[] } {
    const { cookies } = this.#progress;
    return cookies.length === 0 ? {} : { cookies };
  }

  get innerVersions(): { readonly innerVersions?: InnerVersions } {
    const { versions } = this.#context.trees;
    return versions.size === 0 ? {} : { innerVersions: Object.fromEntries(versions) };
  }

  /** Whether a first step may be stored nowhere: nothing but page bookkeeping was changed. */
  get isPristine(): boolean {
    return this.#changedOnly((name) => name === PAGE_BOOKKEEPING);
  }

  /** Whether a walk that ended on the step it began with changed nothing worth a write. */
  isUnchanged(end: WalkEnd, nodeId: string, { sent, inner }: StepAnswered): boolean {
    const { waiting } = this.#context.position;
    const isVolatile = (name: string) =>
      this.#tree.isVolatile(name) || waiting.some(({ tree }) => tree.isVolatile(name));
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
    const { changes, always } = this.#submit;
    return (
      changes.length === 0 &&
      always.length === 0 &&
      !this.#progress.changed &&
      this.#context.state.changedNames(isHarmless).length === 0
    );
  }

  /** Writes what the walk came to: the next step, or the end. Whatever throws on the way is the end of the journey, too. */
  conclude(end: WalkEnd): Outcome | Promise<Outcome> {
    try {
      const concluding = this.#concluded(end);
      if (!(concluding instanceof Promise)) return concluding;
      return concluding.catch((error: unknown) => {
        throw this.#endedInError(error);
      });
    } catch (error) {
      throw this.#endedInError(error);
    }
  }

  #concluded(end: WalkEnd): Outcome | Promise<Outcome> {
    this.#submit.changes.push(...this.#submit.kept);
    this.#auditStart();
    if (end.kind === 'step') return this.#nextStep(end);
    if (end.kind === 'success') return this.#finish();
    this.#submit.changes.push(...this.#ended());
    this.#audit('JOURNEY_END', this.#progress.identity, { outcome: 'failure', detail: this.#visitor() });
    const { errorMessage: message, failureDetails: members } = this.#progress.sessionOptions;
    const detail = {
      failureUrl: this.#failureUrl,
      ...(message !== undefined && { message }),
      ...(members !== undefined && { members: parsedMembers(members) }),
    };
    return { error: new JourneyError('LOGIN_FAILED', detail), commit: true };
  }

  #nextStep(end: WalkEnd & { readonly kind: 'step' }): Outcome {
    const subject = { id: this.#progress.identity, name: this.#username };
    const going = credentialVersionAtStep(this.#submit, this.#progress.credential, subject);
    if (going === 'outdated') return this.#outdated();
    const { realm, tree, treeVersion, journeyId, expiresAt, binding } = this.#reference;
    const { identity, factors, sessionOptions, visited, settings, suspension, backChannel } = this.#progress;
    const reference: JourneyReference = {
      realm,
      tree,
      treeVersion,
      journeyId,
      nonce: suspension?.nonce ?? newNonce(this.#with.random),
      expiresAt: suspension === undefined ? expiresAt : this.#with.clock.now() + suspension.minutes * 60_000,
      ...(binding !== undefined && { binding }),
    };
    const { shared, secure, hidden } = this.#context.state;
    const { waiting } = this.#context.position;
    if (suspension !== undefined) this.#audit('JOURNEY_SUSPEND', identity);
    const submitted = this.#submitted;
    const { text, step } = writeState(
      reference.nonce,
      { sent: end.callbacks, presentation: end.presentation },
      {
        shared,
        secure,
        node: end.nodeId,
        parameters: this.#parameters,
        identity,
        credential: going.stamp,
        factors: factors.length === 0 ? undefined : factors,
        sessionOptions,
        visited: [...visited],
        settings: settings.size === 0 ? undefined : Object.fromEntries(settings),
        inner: waiting.length === 0 ? undefined : this.inner,
        hidden: hidden.length === 0 ? undefined : hidden,
        innerVersions: this.innerVersions.innerVersions,
        backChannel,
        suspended: suspension && true,
      },
    );
    const row = { ...this.#row(reference.nonce), expiresAt: reference.expiresAt, state: text };
    const lastSubmit = submitted?.code && {
      nonce: this.#reference.nonce,
      code: submitted.code(),
      at: this.#with.clock.now(),
    };
    this.#submit.changes.push(this.#written(lastSubmit === undefined ? row : { lastSubmit, ...row }));
    return {
      answer: { kind: 'step', reference, callbacks: step.sent, presentation: step.presentation, ...this.cookies },
      commit: true,
    };
  }

  /** Success: the account is looked at once more, the hooks run, and the session is made, all in this commit. */
  async #finish(): Promise<Outcome> {
    const identity = await this.#principal();
    if (identity === undefined || !identity.active) return this.#refused(identity);
    if (isOutdated(this.#progress.credential, identity)) return this.#outdated();
    const { backChannel, visited } = this.#progress;
    const refusal = backChannel && (await this.#refusedByBackChannel(backChannel, identity));
    if (refusal !== undefined) return refusal;
    this.#progress.identity = identity.id;
    this.#keepFactorsOf(identity);
    const stamp = credentialVersionOf(undefined, identity);
    this.#progress.credential = { ...stamp, rev: revAfter(this.#submit, stamp) };
    if (visited.size > 0) {
      await runSuccessHooks(this.#context, this.#tree);
      const { always, changes } = this.#submit;
      changes.push(...always.filter((change) => !changes.includes(change)));
    }
    const { realm } = this.#submit;
    if (this.#submitted !== undefined) this.#submit.changes.push(this.#written(this.#endedRow()));
    const noSession = this.#parameters.noSession === true || this.#tree.published.tree.noSession;
    const detail = noSession ? { ...this.#visitor(), noSession } : this.#visitor();
    this.#audit('JOURNEY_END', identity.id, { outcome: 'success', detail });
    const credentialRev = revAfter(this.#submit, stamp);
    this.#submit.stage({ type: 'identity.usable', id: identity.id, credentialRev } satisfies EngineChange);
    const successUrl = successUrlOf(this.#with, realm, this.#parameters, this.#context.state.get('successUrl'));
    if (noSession) {
      this.#completeBackChannel(identity);
      return { answer: { kind: 'success', realm, successUrl, ...this.#details(), ...this.cookies }, commit: true };
    }
    const created = this.#newSession(identity);
    this.#completeBackChannel(identity, created.session);
    return {
      answer: { kind: 'success', realm, successUrl, created, ...this.#details(created.session), ...this.cookies },
      commit: true,
    };
  }

  /** A factor that another user has proven, whom the journey named before, is none of this one's. */
  #keepFactorsOf({ username }: Identity): void {
    const { factors, sessionOptions } = this.#progress;
    if (factors.length === 0) return;
    const own = factorsOf(factors, username);
    if (own.length === 0) delete sessionOptions.properties[NODE_TYPE];
    else sessionOptions.properties[NODE_TYPE] = factorList(own);
  }

  /** Success is for whom the back channel asks, while it is open: otherwise nothing that the walk wanted is written. */
  async #refusedByBackChannel(backChannel: AnsweredBackChannel, identity: Identity): Promise<Outcome | undefined> {
    const row = await this.#with.backChannels.get(backChannel.idHash);
    const isOpen = row !== undefined && isOpenBackChannel(row, this.#with.clock.now());
    const isSubject = backChannel.subject === undefined || backChannel.subject === identity.id;
    if (isOpen && isSubject) return undefined;
    this.#dropSessionOptions();
    this.#submit.changes.push(...this.#ended());
    const outcome = isOpen ? 'otherUser' : 'backChannelClosed';
    this.#audit('AUTH_FAIL', identity.id, { outcome, detail: this.#visitor() });
    return { error: new JourneyError('LOGIN_FAILED', { failureUrl: this.#failureUrl }), commit: true };
  }

  /** Tells the journey that asked; of two that complete one back channel, the second starts over and is refused. */
  #completeBackChannel(identity: Identity, session?: Session): void {
    const { backChannel } = this.#progress;
    if (backChannel === undefined) return;
    const { idHash } = backChannel;
    this.#submit.stage({
      type: 'backChannel.approve',
      idHash,
      now: this.#with.clock.now(),
      ...(session && { properties: JSON.stringify(session.properties) }),
    } satisfies EngineChange);
    const detail = { backChannel: idHash };
    this.#audit('BACK_CHANNEL_END', identity.id, { outcome: 'approved', detail });
  }

  /** A journey that fails, for whatever reason, closes its back channel where that allows no other try. */
  #deniedBackChannel(): readonly EngineChange[] {
    const { backChannel } = this.#progress;
    if (backChannel === undefined || backChannel.allowRetry) return [];
    const { idHash } = backChannel;
    return [
      { type: 'backChannel.deny', idHash, now: this.#with.clock.now() },
      this.#auditRow('BACK_CHANNEL_END', undefined, { outcome: 'denied', detail: { backChannel: idHash } }),
    ];
  }

  /** Members that nodes add to the body of success: their own, and properties of the session. */
  #details(session?: Session): { readonly details?: Readonly<Record<string, unknown>> } {
    const details = successDetails(this.#progress.sessionOptions, session);
    return details === undefined ? {} : { details };
  }

  /** The account may not sign in although the journey succeeded: nothing that the walk wanted is written. */
  #refused(identity: Identity | undefined): Outcome {
    const reason = identity === undefined ? 'unknown' : 'inactive';
    this.#dropSessionOptions();
    this.#submit.changes.push(...this.#ended());
    this.#audit('AUTH_FAIL', identity?.id, { outcome: reason, detail: this.#visitor() });
    const { lockoutMessage: message } = this.#progress.sessionOptions;
    const detail = { reason, failureUrl: this.#failureUrl, ...(message !== undefined && { message }) } as const;
    return { error: new JourneyError('ACCOUNT_UNUSABLE', detail), commit: true };
  }

  /** The credentials that the journey began with are its user's no more: nothing that the walk wanted is written (SEC-61). */
  #outdated(): Outcome {
    this.#dropSessionOptions();
    this.#submit.changes.push(...this.#ended());
    const userId = this.#progress.credential?.userId;
    this.#audit('AUTH_FAIL', userId, { outcome: 'credentialsChanged', detail: this.#visitor() });
    return { error: new JourneyError('JOURNEY_EXPIRED', { reason: CREDENTIALS_CHANGED }), commit: true };
  }

  #newSession(identity: Identity): { readonly token: string; readonly session: Session } {
    const { realm, request } = this.#submit;
    const { token, tokenHash } = this.#with.newToken();
    const session = newSession({
      tokenHash,
      handle: this.#with.random.uuid(),
      now: this.#with.clock.now(),
      realm,
      tree: this.#tree.published,
      journeyId: this.#reference.journeyId,
      identity,
      authLevel: this.#context.state.get('authLevel'),
      sessionOptions: this.#progress.sessionOptions,
      visitor: this.#visitor(),
      before: request.session,
    });
    this.#submit.stage({ type: 'session.insert', row: session } satisfies EngineChange);
    const { session: before } = request;
    if (before !== undefined) {
      this.#submit.stage({ type: 'session.end', tokenHash: before.tokenHash } satisfies EngineChange);
    }
    this.#audit('SESSION_CREATE', identity.id);
    return { token, session };
  }

  #visitor(): Visitor {
    this.#knownVisitor ??= visitorOf(this.#submit.request);
    return this.#knownVisitor;
  }

  /**
   * Whom the session is for. Factors are proven by the user whom the state names, so a journey that has identified one user
   * and names another signs in neither; a name that nobody has names no other.
   */
  async #principal(): Promise<Identity | undefined> {
    const { identity } = this.#progress;
    const name = this.#username;
    const users = new StagedUsers(this.#submit, this.#with.identities);
    const named = name === undefined ? undefined : await users.find(name);
    if (identity !== undefined && named !== undefined && named.id !== identity) return undefined;
    return named ?? (identity === undefined ? undefined : await users.findById(identity));
  }

  get #username(): string | undefined {
    const username = this.#progress.sessionOptions.username ?? this.#context.state.get('username');
    return typeof username === 'string' && username !== '' ? username : undefined;
  }

  /**
   * Whatever throws ends the journey, or a guess could be made again and again on the step that led there: what the submit
   * wanted is dropped, the end and what must be written in any case are kept (SEC-56). Only what passes by itself leaves the
   * step open.
   */
  #endedInError(error: unknown): unknown {
    if (passesByItself(error)) return error;
    this.#dropSessionOptions();
    this.#audit('JOURNEY_END', this.#progress.identity, { outcome: 'error' });
    this.#submit.changes.push(...this.#ended());
    return new EndedInError(error, () => this.#failureUrl);
  }

  get #failureUrl(): string {
    return failureUrlOf(this.#with, this.#submit.realm, this.#parameters, this.#context.state.get('failureUrl'));
  }

  #dropSessionOptions(): void {
    this.#submit.keepOnly();
    this.#auditStart();
  }

  /** A journey that nobody has an authId of leaves no row behind. */
  #ended(): readonly Change[] {
    const changesAtEnd = this.#with.changesAtEnd?.(this.#reference.journeyId) ?? [];
    const others = [...changesAtEnd, ...this.#deniedBackChannel()];
    return this.#submitted === undefined ? others : [this.#written(this.#endedRow()), ...others];
  }

  #endedRow(): JourneySession {
    return this.#row(this.#reference.nonce, true);
  }

  #row(nonce: string, ended = false): JourneySession {
    const { journeyId: id, realm, tree, treeVersion, expiresAt } = this.#reference;
    return { id, realm, tree, treeVersion, nonce, expiresAt, ended, state: '' };
  }

  #written(row: JourneySession): EngineChange {
    const seenNonce = this.#submitted?.seenNonce;
    return seenNonce === undefined ? { type: 'journey.insert', row } : { type: 'journey.advance', seenNonce, row };
  }

  /** A journey begins for the record with the first commit about it, ahead of all that happened in it. */
  #auditStart(): void {
    if (this.#submitted?.seenNonce !== undefined) return;
    const { backChannel } = this.#progress;
    const facts = backChannel && { detail: { backChannel: backChannel.idHash } };
    this.#submit.changes.unshift(this.#auditRow('JOURNEY_START', undefined, facts));
  }

  #audit(event: string, userId: string | undefined, facts?: Facts): void {
    this.#submit.stage(this.#auditRow(event, userId, facts));
  }

  #auditRow(event: string, userId: string | undefined, facts?: Facts): EngineChange {
    const row: AuditEvent = {
      at: this.#with.clock.now(),
      event,
      realm: this.#reference.realm,
      transactionId: this.#submit.request.transactionId,
      journey: this.#reference.tree,
      ...(userId !== undefined && { userId }),
      ...facts,
    };
    return { type: 'audit.append', event: row };
  }
}
