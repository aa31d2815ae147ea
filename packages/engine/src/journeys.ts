import type { AuditEvent } from './audit.ts';
import { matchCallbacks, type SubmittedCallback } from './callback-matching.ts';
import type { CallbackAnswer, SentCallback } from './callbacks/callback.ts';
import type { Change, Committer, EngineChange } from './changes.ts';
import type { Clock } from './clock.ts';
import { type CompiledTree, compileTree } from './compiled-tree.ts';
import type { Configuration, RealmSettings } from './configuration.ts';
import { JourneyError } from './errors.ts';
import { runSuccessHooks, type WalkEnd, walk } from './evaluator.ts';
import type { Identity, IdentityDirectory } from './identities.ts';
import type { JourneySession, JourneySessionReader } from './journey-sessions.ts';
import type { JourneyRequest, NodeDefinition, Presentation } from './node-definition.ts';
import type { JourneyLog, Run, RunEffects } from './node-visit.ts';
import type { Random } from './random.ts';
import type { Session } from './sessions.ts';
import { JourneyState } from './state.ts';
import type { Bindings, Submit } from './submit.ts';
import type { TextCatalogue } from './text-catalogue.ts';
import { Turns } from './turns.ts';

/** What the caller of a first step asked for beside the tree. */
export interface JourneyParameters {
  readonly goto?: string;
  readonly gotoOnFail?: string;
  readonly noSession?: boolean;
  readonly forceAuth?: boolean;
  readonly locale?: string;
}

/** What an authId says: which journey, and which step of it. Signed by `wire`, secret to nobody. */
export interface JourneyReference {
  readonly realm: string;
  readonly tree: string;
  readonly treeVersion: number;
  readonly journeyId: string;
  readonly nonce: string;
  readonly expiresAt: number;
  /** Present on a first step that is stored nowhere: what the start was given. */
  readonly start?: JourneyParameters;
  /** Hash of the browser's binding cookie, where it has one (SEC-42). */
  readonly binding?: string;
}

export interface StartRequest {
  readonly realm: string;
  /** The realm's default tree where absent. */
  readonly tree?: string;
  readonly parameters: JourneyParameters;
  readonly binding?: string;
  readonly request: JourneyRequest;
}

export interface ContinueRequest {
  /** From the path; must be the realm of the reference. */
  readonly realm: string;
  readonly reference: JourneyReference;
  /** Absent: the current step is sent again and nothing moves. */
  readonly callbacks?: readonly SubmittedCallback[];
  readonly request: JourneyRequest;
}

export type JourneyAnswer =
  | {
      readonly kind: 'step';
      readonly reference: JourneyReference;
      readonly callbacks: readonly SentCallback[];
      readonly presentation: Presentation;
    }
  | {
      readonly kind: 'success';
      readonly realm: RealmSettings;
      readonly successUrl: string;
      /** Absent where no session was asked for, and where the caller's own session already serves. */
      readonly created?: { readonly token: string; readonly session: Session };
      readonly existing?: Session;
    };

/** What the journeys stand on; bound at the composition root. */
export interface JourneyDependencies {
  readonly configuration: Configuration;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly bindings: Bindings;
  readonly committer: Committer;
  readonly journeySessions: JourneySessionReader;
  readonly identities: IdentityDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly texts: TextCatalogue;
  readonly log: JourneyLog;
  /** A new opaque session token and its hash. */
  newToken(): { readonly token: string; readonly tokenHash: string };
  /** SHA-256, for telling an identical retry from another submit. */
  digest(text: string): string;
  /** Whether a `goto` may be followed (SEC-64). */
  isAllowedRedirect(url: string, realm: RealmSettings): boolean;
}

/** State of a journey between two requests. */
interface StoredState {
  readonly shared: Record<string, unknown>;
  readonly secure: Record<string, unknown>;
  readonly node: string;
  readonly sent: readonly SentCallback[];
  readonly presentation: Presentation;
  readonly parameters: JourneyParameters;
  readonly identity?: string;
  readonly properties: Record<string, string>;
  readonly visited: readonly string[];
}

/** An identical submit within this time gets the step that the first one got (SEC-39). */
const RETRY_MILLIS = 60_000;
const MOST_ATTEMPTS = 8;
/** Parameters above this size are stored instead of travelling in the authId. */
const LONGEST_PARAMETERS = 1_024;
/** A page may number its callbacks without the start becoming worth a write. */
const PAGE_BOOKKEEPING = 'pageNodeCallbacks';

const expired = (why: string) => new JourneyError('JOURNEY_EXPIRED', { why });

/** Submit under way: what it read, what it wants to write, which turns it holds. */
class SubmitUnderWay implements Submit {
  readonly realm: RealmSettings;
  readonly journeyId: string;
  readonly request: JourneyRequest;
  changes: Change[] = [];
  always: Change[] = [];
  effects: (() => void)[] = [];
  readonly #committer: Committer;
  readonly #turns: Turns;
  readonly #held = new Map<string, () => void>();
  #remembered = new Map<string, Promise<unknown>>();

  constructor(realm: RealmSettings, journeyId: string, request: JourneyRequest, committer: Committer, turns: Turns) {
    this.realm = realm;
    this.journeyId = journeyId;
    this.request = request;
    this.#committer = committer;
    this.#turns = turns;
  }

  enlist(change: Change): void {
    this.changes.push(change);
  }

  enlistAlways(change: Change): void {
    this.always.push(change);
  }

  async commitNow(changes: readonly Change[]): Promise<boolean> {
    return (await this.#committer.commit(changes)).committed;
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  async holdTurn(key: string): Promise<void> {
    if (!this.#held.has(key)) this.#held.set(key, await this.#turns.take(key));
  }

  remember<T>(key: string, load: () => Promise<T>): Promise<T> {
    let value = this.#remembered.get(key);
    if (value === undefined) {
      value = load();
      this.#remembered.set(key, value);
    }
    return value as Promise<T>;
  }

  /** Forgets what was read and wanted, so that the submit can run again from what is stored now. */
  startOver(): void {
    this.changes = [];
    this.always = [];
    this.effects = [];
    this.#remembered = new Map();
  }

  release(): void {
    for (const end of this.#held.values()) end();
  }
}

/** Runs journeys: start, continue, finish. */
export class Journeys {
  readonly #with: JourneyDependencies;
  readonly #turns = new Turns();
  readonly #compiled = new Map<string, CompiledTree>();

  constructor(dependencies: JourneyDependencies) {
    this.#with = dependencies;
  }

  /** Starts a journey, or answers at once for a session that this journey made already (spec: journeys-rest §1.10). */
  async start(start: StartRequest): Promise<JourneyAnswer> {
    const realm = this.#realm(start.realm);
    const name = start.tree ?? realm.defaultTree;
    const tree = this.#startable(realm.realm, name);
    const { session } = start.request;
    const { published } = tree;
    const isSameJourney = start.tree === undefined || session?.properties.Service === name;
    if (session !== undefined && isSameJourney && !published.tree.mustRun && start.parameters.forceAuth !== true) {
      return { kind: 'success', realm, existing: session, successUrl: this.#successUrl(realm, start.parameters) };
    }
    const now = this.#with.clock.now();
    const reference: JourneyReference = {
      realm: realm.realm,
      tree: name,
      treeVersion: published.version,
      journeyId: this.#with.random.uuid(),
      nonce: this.#nonce(),
      expiresAt: now + (published.tree.treeTimeout ?? realm.journeyMinutes) * 60_000,
      start: start.parameters,
      ...(start.binding !== undefined && { binding: start.binding }),
    };
    return this.#submit(realm, reference, start.request, async (submit) => {
      const run = this.#run(submit, reference, this.#initialState(realm, start.parameters));
      const end = await this.#walk(
        submit,
        run,
        tree,
        reference,
        start.parameters,
        undefined,
        published.tree.entryNodeId,
      );
      const isPristine =
        end.kind === 'step' &&
        submit.changes.length + submit.always.length === 0 &&
        !run.effects.changed &&
        run.state.changedNames().every((changed) => changed === PAGE_BOOKKEEPING);
      if (end.kind === 'step' && isPristine && JSON.stringify(start.parameters).length <= LONGEST_PARAMETERS) {
        return { answer: { kind: 'step', reference, callbacks: end.callbacks, presentation: end.presentation } };
      }
      this.#audit(submit, reference, 'JOURNEY_START');
      return this.#conclude(submit, run, tree, reference, start.parameters, end, undefined);
    });
  }

  /** Moves a journey on by one submit, or sends its current step again. */
  async continue(next: ContinueRequest): Promise<JourneyAnswer> {
    const { reference, callbacks } = next;
    if (next.realm !== reference.realm) throw expired('The authId belongs to another realm.');
    const realm = this.#realm(reference.realm);
    if (this.#with.clock.now() >= reference.expiresAt) throw expired('The journey is over its time limit.');
    const tree = await this.#running(reference);
    return this.#submit(realm, reference, next.request, async (submit) => {
      const row = await this.#with.journeySessions.get(reference.journeyId);
      const digest = callbacks === undefined ? '' : this.#with.digest(JSON.stringify(callbacks));
      if (row === undefined) {
        if (reference.start === undefined) throw expired('No such journey.');
        return this.#first(submit, tree, reference, reference.start, callbacks, digest);
      }
      if (row.ended) throw expired('The journey has finished.');
      const stored = JSON.parse(row.state) as StoredState;
      const { start: _, ...known } = reference;
      const current: JourneyReference = { ...known, nonce: row.nonce, expiresAt: row.expiresAt };
      const again: JourneyAnswer = {
        kind: 'step',
        reference: current,
        callbacks: stored.sent,
        presentation: stored.presentation,
      };
      if (row.nonce !== reference.nonce) {
        const { lastSubmit } = row;
        const isRetry =
          lastSubmit?.nonce === reference.nonce &&
          lastSubmit.digest === digest &&
          this.#with.clock.now() - lastSubmit.at <= RETRY_MILLIS;
        if (isRetry) return { answer: again };
        throw expired('The authId was used already.');
      }
      if (callbacks === undefined) return { answer: again };

      const answers = matchCallbacks(stored.sent, callbacks);
      const run = this.#run(submit, current, new JourneyState(stored.shared, stored.secure), stored);
      const end = await this.#walk(
        submit,
        run,
        tree,
        current,
        stored.parameters,
        row,
        stored.node,
        stored.sent,
        answers,
      );
      const isUnchanged =
        end.kind === 'step' &&
        end.nodeId === stored.node &&
        submit.changes.length + submit.always.length === 0 &&
        !run.effects.changed &&
        run.state.changedNames().every((name) => tree.isVolatile(name)) &&
        JSON.stringify(end.callbacks) === JSON.stringify(stored.sent);
      if (isUnchanged) return { answer: again };
      return this.#conclude(submit, run, tree, current, stored.parameters, end, { seenNonce: row.nonce, digest });
    });
  }

  /** The first submit of a start that was stored nowhere: the start is walked again, then the answers are applied. */
  async #first(
    submit: SubmitUnderWay,
    tree: CompiledTree,
    reference: JourneyReference,
    parameters: JourneyParameters,
    callbacks: readonly SubmittedCallback[] | undefined,
    digest: string,
  ): Promise<Outcome> {
    const run = this.#run(submit, reference, this.#initialState(submit.realm, parameters));
    const entry = tree.published.tree.entryNodeId;
    const begun = await this.#walk(submit, run, tree, reference, parameters, undefined, entry);
    if (begun.kind !== 'step') throw expired('The first step is another one now.');
    if (callbacks === undefined) {
      return { answer: { kind: 'step', reference, callbacks: begun.callbacks, presentation: begun.presentation } };
    }
    const answers = matchCallbacks(begun.callbacks, callbacks);
    this.#audit(submit, reference, 'JOURNEY_START');
    const end = await this.#walk(
      submit,
      run,
      tree,
      reference,
      parameters,
      undefined,
      begun.nodeId,
      begun.callbacks,
      answers,
    );
    const isSameStep =
      end.kind === 'step' &&
      end.nodeId === begun.nodeId &&
      submit.changes.length === 1 &&
      submit.always.length === 0 &&
      !run.effects.changed &&
      run.state.changedNames().every((name) => name === PAGE_BOOKKEEPING) &&
      JSON.stringify(end.callbacks) === JSON.stringify(begun.callbacks);
    if (isSameStep) {
      return { answer: { kind: 'step', reference, callbacks: begun.callbacks, presentation: begun.presentation } };
    }
    return this.#conclude(submit, run, tree, reference, parameters, end, { digest });
  }

  /** Walks, and turns a node error into the end of the journey before it is thrown on. */
  async #walk(
    submit: SubmitUnderWay,
    run: Run,
    tree: CompiledTree,
    reference: JourneyReference,
    parameters: JourneyParameters,
    row: JourneySession | undefined,
    from: string,
    sent?: readonly SentCallback[],
    answers?: readonly CallbackAnswer[],
  ): Promise<WalkEnd> {
    try {
      return await walk(run, tree, from, sent, answers);
    } catch (error) {
      throw this.#endedInError(submit, run, reference, parameters, error, this.#ended(reference, row?.nonce));
    }
  }

  /** A node error ends the journey: what the submit wanted is dropped, the end and the counters of guesses are kept. */
  #endedInError(
    submit: SubmitUnderWay,
    run: Run,
    reference: JourneyReference,
    parameters: JourneyParameters,
    error: unknown,
    ended: EngineChange | undefined,
  ): unknown {
    if (!(error instanceof JourneyError) || error.code === 'OVERLOADED') return error;
    submit.changes = [...submit.always];
    submit.effects = [];
    // A journey that nobody had stored begins and ends with this commit.
    if (ended?.verb !== 'journey.advance') this.#audit(submit, reference, 'JOURNEY_START');
    this.#audit(submit, reference, 'JOURNEY_END', { outcome: 'error', userId: run.effects.identity });
    if (ended) submit.changes.push(ended);
    return new EndedInError(error, this.#failureUrl(submit.realm, run, parameters));
  }

  /** Writes what the submit decided, in one commit. */
  async #conclude(
    submit: SubmitUnderWay,
    run: Run,
    tree: CompiledTree,
    reference: JourneyReference,
    parameters: JourneyParameters,
    end: WalkEnd,
    submitted: { readonly seenNonce?: string; readonly digest: string } | undefined,
  ): Promise<Outcome> {
    submit.changes.push(...submit.always);
    if (end.kind === 'step') {
      const { start: _, ...known } = reference;
      const next: JourneyReference = { ...known, nonce: this.#nonce() };
      const state: StoredState = {
        shared: run.state.shared,
        secure: run.state.secure,
        node: end.nodeId,
        sent: end.callbacks,
        presentation: end.presentation,
        parameters,
        ...(run.effects.identity !== undefined && { identity: run.effects.identity }),
        properties: run.effects.properties,
        visited: [...run.effects.visited],
      };
      const row: JourneySession = {
        id: reference.journeyId,
        realm: reference.realm,
        tree: reference.tree,
        treeVersion: reference.treeVersion,
        nonce: next.nonce,
        expiresAt: reference.expiresAt,
        ended: false,
        state: JSON.stringify(state),
        ...(submitted && {
          lastSubmit: { nonce: reference.nonce, digest: submitted.digest, at: this.#with.clock.now() },
        }),
      };
      submit.changes.push(this.#stored(row, submitted?.seenNonce));
      return {
        answer: { kind: 'step', reference: next, callbacks: end.callbacks, presentation: end.presentation },
        commit: true,
      };
    }
    const ended = submitted === undefined ? undefined : this.#ended(reference, submitted.seenNonce);
    if (end.kind === 'failure') {
      if (ended) submit.changes.push(ended);
      this.#audit(submit, reference, 'JOURNEY_END', { outcome: 'failure', userId: run.effects.identity });
      const failureUrl = this.#failureUrl(submit.realm, run, parameters);
      return { error: new JourneyError('LOGIN_FAILED', { failureUrl }), commit: true };
    }
    return this.#finish(submit, run, tree, reference, parameters, ended);
  }

  /** Success: the account is looked at once more, the hooks run, and the session is made, all in this commit. */
  async #finish(
    submit: SubmitUnderWay,
    run: Run,
    tree: CompiledTree,
    reference: JourneyReference,
    parameters: JourneyParameters,
    ended: EngineChange | undefined,
  ): Promise<Outcome> {
    const identity = await this.#principal(submit, run);
    if (identity === undefined || !identity.active) {
      const why = identity === undefined ? 'unknown' : 'inactive';
      submit.changes = ended ? [...submit.always, ended] : [...submit.always];
      if (ended?.verb !== 'journey.advance') this.#audit(submit, reference, 'JOURNEY_START');
      this.#audit(submit, reference, 'AUTH_FAIL', { outcome: why, userId: identity?.id });
      const failureUrl = this.#failureUrl(submit.realm, run, parameters);
      return { error: new JourneyError('ACCOUNT_UNUSABLE', { why, failureUrl }), commit: true };
    }
    try {
      await runSuccessHooks(run, tree);
    } catch (error) {
      throw this.#endedInError(submit, run, reference, parameters, error, ended);
    }
    if (ended) submit.changes.push(ended);
    this.#audit(submit, reference, 'JOURNEY_END', { outcome: 'success', userId: identity.id });
    const { realm } = submit;
    const successUrl = this.#successUrl(realm, parameters, run.state.get('successUrl'));
    if (parameters.noSession === true || tree.published.tree.noSession) {
      return { answer: { kind: 'success', realm, successUrl }, commit: true };
    }
    const now = this.#with.clock.now();
    const { token, tokenHash } = this.#with.newToken();
    const old = submit.request.session;
    const { tree: settings } = tree.published;
    const session: Session = {
      tokenHash,
      handle: this.#with.random.uuid(),
      realm: realm.realm,
      userId: identity.id,
      username: identity.username,
      properties: {
        ...(old?.userId === identity.id ? old.properties : {}),
        ...run.effects.properties,
        Service: reference.tree,
        AuthLevel: String(run.state.get('authLevel') ?? 0),
        authInstant: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
        AMCtxId: reference.journeyId,
      },
      createdAt: now,
      lastUsedAt: now,
      maxExpiresAt: now + (settings.maximumSessionTime ?? realm.sessionMaxMinutes) * 60_000,
      maxIdleMillis: (settings.maximumIdleTime ?? realm.sessionIdleMinutes) * 60_000,
    };
    submit.enlist({ verb: 'session.insert', row: session } satisfies EngineChange);
    if (old !== undefined) submit.enlist({ verb: 'session.end', tokenHash: old.tokenHash } satisfies EngineChange);
    this.#audit(submit, reference, 'SESSION_CREATE', { userId: identity.id });
    return { answer: { kind: 'success', realm, successUrl, created: { token, session } }, commit: true };
  }

  async #principal(submit: SubmitUnderWay, run: Run): Promise<Identity | undefined> {
    const { identity } = run.effects;
    if (identity !== undefined) return this.#with.identities.findById(identity);
    const username = run.state.get('username');
    return typeof username === 'string' ? this.#with.identities.find(submit.realm.realm, username) : undefined;
  }

  /** Runs `attempt` until its commit stands; a commit that lost a race is run again from what is stored now. */
  async #submit(
    realm: RealmSettings,
    reference: JourneyReference,
    request: JourneyRequest,
    attempt: (submit: SubmitUnderWay) => Promise<Outcome>,
  ): Promise<JourneyAnswer> {
    const submit = new SubmitUnderWay(realm, reference.journeyId, request, this.#with.committer, this.#turns);
    try {
      for (let tries = 0; tries < MOST_ATTEMPTS; tries += 1) {
        const outcome = await attempt(submit).catch((error: unknown): Outcome => {
          if (error instanceof EndedInError) return { error: error.withFailureUrl(), commit: true };
          throw error;
        });
        if (outcome.commit === true) {
          const result = await this.#with.committer.commit(submit.changes);
          if (!result.committed) {
            submit.startOver();
            continue;
          }
          for (const effect of submit.effects) effect();
        }
        if (outcome.answer === undefined) throw outcome.error;
        return outcome.answer;
      }
      throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    } finally {
      submit.release();
    }
  }

  #run(submit: SubmitUnderWay, reference: JourneyReference, state: JourneyState, stored?: StoredState): Run {
    const effects: RunEffects = {
      journeyId: reference.journeyId,
      tree: reference.tree,
      expiresAt: reference.expiresAt,
      identity: stored?.identity,
      properties: { ...stored?.properties },
      visited: new Set(stored?.visited),
      changed: false,
      audit: (event, node, detail) =>
        this.#audit(submit, reference, event, {
          userId: effects.identity,
          nodeType: node.type,
          nodeId: node.id,
          ...(detail && { detail }),
        }),
    };
    const { texts, log } = this.#with;
    return { submit, state, effects, texts, log, bound: new Map() };
  }

  #initialState(realm: RealmSettings, { goto, gotoOnFail }: JourneyParameters): JourneyState {
    return new JourneyState({
      realm: realm.realm,
      authLevel: 0,
      ...(goto !== undefined && { userGotoParam: goto }),
      ...(gotoOnFail !== undefined && { userGotoOnFailParam: gotoOnFail }),
    });
  }

  #stored(row: JourneySession, seenNonce: string | undefined): EngineChange {
    return seenNonce === undefined ? { verb: 'journey.insert', row } : { verb: 'journey.advance', seenNonce, row };
  }

  #ended(reference: JourneyReference, seenNonce: string | undefined): EngineChange {
    const { journeyId: id, realm, tree, treeVersion, nonce, expiresAt } = reference;
    return this.#stored({ id, realm, tree, treeVersion, nonce, expiresAt, ended: true, state: '' }, seenNonce);
  }

  #audit(
    submit: SubmitUnderWay,
    reference: JourneyReference,
    event: string,
    { userId, ...facts }: AuditFacts = {},
  ): void {
    const row: AuditEvent = {
      at: this.#with.clock.now(),
      event,
      realm: reference.realm,
      transactionId: submit.request.transactionId,
      journey: reference.tree,
      ...(userId !== undefined && { userId }),
      ...facts,
    };
    submit.enlist({ verb: 'audit.append', event: row } satisfies EngineChange);
  }

  #realm(path: string): RealmSettings {
    const realm = this.#with.configuration.realm(path);
    if (realm === undefined || !realm.active) throw new JourneyError('REALM_UNKNOWN', { realm: path });
    return realm;
  }

  #startable(realm: string, name: string): CompiledTree {
    const published = this.#with.configuration.tree(realm, name);
    if (published === undefined)
      throw new JourneyError('TREE_NOT_FOUND', { tree: name, why: 'There is no such tree.' });
    const { enabled, innerTreeOnly, transactionalOnly } = published.tree;
    if (!enabled || innerTreeOnly || transactionalOnly) {
      throw new JourneyError('TREE_NOT_FOUND', { tree: name, why: 'The tree cannot be started.' });
    }
    return this.#compile(realm, name, published.version, published);
  }

  async #running({ realm, tree, treeVersion }: JourneyReference): Promise<CompiledTree> {
    const published = await this.#with.configuration.treeVersion(realm, tree, treeVersion);
    if (published === undefined) throw expired('The version of the tree is gone.');
    return this.#compile(realm, tree, treeVersion, published);
  }

  #compile(realm: string, name: string, version: number, published: Parameters<typeof compileTree>[0]): CompiledTree {
    const key = `${realm}\n${name}\n${version}`;
    let tree = this.#compiled.get(key);
    if (tree === undefined) {
      tree = compileTree(published, this.#with.catalogue, this.#with.bindings);
      this.#compiled.set(key, tree);
    }
    return tree;
  }

  /** 130 bits, URL-safe. */
  #nonce(): string {
    return base64Url(this.#with.random.bytes(18));
  }

  #successUrl(realm: RealmSettings, { goto }: JourneyParameters, byNode?: unknown): string {
    if (typeof byNode === 'string' && byNode !== '') return byNode;
    if (goto !== undefined && this.#with.isAllowedRedirect(goto, realm)) return goto;
    return realm.successUrl;
  }

  #failureUrl(realm: RealmSettings, run: Run, { gotoOnFail }: JourneyParameters): string {
    const byNode = run.state.get('failureUrl');
    if (typeof byNode === 'string' && byNode !== '') return byNode;
    if (gotoOnFail !== undefined && this.#with.isAllowedRedirect(gotoOnFail, realm)) return gotoOnFail;
    return realm.failureUrl;
  }
}

type AuditFacts = Omit<Partial<AuditEvent>, 'userId'> & { readonly userId?: string | undefined };

/** What an attempt came to; `commit` asks for its changes to be written first. */
interface Outcome {
  readonly answer?: JourneyAnswer;
  readonly error?: JourneyError;
  readonly commit?: boolean;
}

/** A node error on its way out, with the end of the journey already enlisted. */
class EndedInError extends Error {
  readonly #error: JourneyError;
  readonly #failureUrl: string;

  constructor(error: JourneyError, failureUrl: string) {
    super(error.message, { cause: error });
    this.#error = error;
    this.#failureUrl = failureUrl;
  }

  withFailureUrl(): JourneyError {
    return 'failureUrl' in this.#error.detail
      ? new JourneyError(this.#error.code, { ...this.#error.detail, failureUrl: this.#failureUrl } as never, {
          cause: this.#error,
        })
      : this.#error;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 §5 without padding, for lengths that are multiples of three. */
const base64Url = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += `${ALPHABET[group >> 18]}${ALPHABET[(group >> 12) & 63]}${ALPHABET[(group >> 6) & 63]}${ALPHABET[group & 63]}`;
  }
  return text;
};
