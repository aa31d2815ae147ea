import type { AnsweredBackChannel } from '../model/back-channels.ts';
import { type FailureReason, JourneyError, NodeFailure } from '../model/errors.ts';
import {
  foldUsername,
  hasUnprovenAddress,
  type Identity,
  isClaimedAddress,
  isProvenAddress,
} from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import { sameText } from '../model/nonce.ts';
import {
  type FactorDevice,
  type FollowedLink,
  factorsOf,
  namesOf,
  type ProofMethod,
  type ProvenFactor,
  type SentCode,
  type SentCodeMethod,
  withFactor,
  withSentCode,
} from '../model/proven-factors.ts';
import { isSystemSessionProperty, type SessionOptions } from '../model/sessions.ts';
import type { AuditDetail } from '../node/action.ts';
import type { ClaimedAddress, JourneyContext, ProvenUser, SentCodeNote } from '../node/journey-context.ts';
import { copyOfJson } from '../state/copy-of-json.ts';
import {
  bytesHandedOver,
  type HandedOver,
  type Handover,
  handedOverTo,
  MAX_HANDED_OVER_BYTES,
} from '../state/handover.ts';
import { demandLogoutWebhooks, demandSessionProperties } from '../state/session-properties.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';
import { credentialVersionOf } from '../unit-of-work/credential-version.ts';
import { demandEarnedFor, dropEarned } from './earned.ts';
import { type ExecutionContext, visitedName } from './execution-context.ts';
import { NewestCodes } from './newest-codes.ts';

const setOptions = (
  { progress }: ExecutionContext,
  options: Partial<SessionOptions>,
  added: Readonly<Record<string, unknown>> = options,
): void => {
  progress.keep('sessionOptions', { ...progress.sessionOptions, ...options }, added);
  progress.changed = true;
};

const setProperty = (context: ExecutionContext, name: string, value: string | null): void => {
  const properties = { ...context.progress.sessionOptions.properties, [name]: value };
  demandSessionProperties(properties);
  setOptions(context, { properties }, { [name]: value });
};

const refuseSystemProperty = (name: string): void => {
  if (isSystemSessionProperty(name)) throw new NodeFailure(`Session property "${name}" belongs to the system.`);
};

/** What the audit trail says of a link that went to a former address. */
const ADDRESS_CHANGED = 'addressChanged';

/** How a factor was proven, and the name of its user where that is known. */
type ProofOf = { readonly method: ProofMethod; readonly username: string | undefined };

/** What a node says about the journey as a whole. */
export class NodeJourneyContext implements JourneyContext<ProofMethod> {
  readonly #context: ExecutionContext;
  readonly #node: CompiledNode;
  readonly #newestCodes: NewestCodes;

  constructor(context: ExecutionContext, node: CompiledNode) {
    this.#context = context;
    this.#node = node;
    this.#newestCodes = new NewestCodes(context);
  }

  get id(): string {
    return this.#context.progress.journeyId;
  }

  get tree(): string {
    return this.#context.progress.tree;
  }

  get expiresAt(): number {
    return this.#context.progress.expiresAt;
  }

  get backChannel(): AnsweredBackChannel | undefined {
    return this.#context.progress.backChannel;
  }

  identify(identity: Identity): void {
    const { progress } = this.#context;
    const before = progress.identity ?? progress.boundUser;
    if (before === undefined) demandEarnedFor(this.#context, identity.username);
    else if (before !== identity.id) dropEarned(this.#context);
    const credential = credentialVersionOf(progress.credential, identity);
    progress.keep('identity', identity.id, identity.id);
    progress.keep('boundUser', undefined, undefined);
    progress.keep('credential', credential, credential);
    this.#keepHandedOver(({ user }) => user === identity.id);
    const { username: _, ...others } = progress.sessionOptions;
    progress.keep('sessionOptions', others, undefined);
    progress.changed = true;
  }

  identifyByName(username: string): void {
    const { progress } = this.#context;
    // What was proven so far is of that user, whom a name does not make another (docs/adr/0138).
    const bound = progress.boundUser ?? progress.identity;
    progress.keep('boundUser', bound, bound);
    progress.keep('identity', undefined, undefined);
    this.#keepHandedOver((it) => foldUsername(it.username) === foldUsername(username));
    setOptions(this.#context, { username });
  }

  bindTo(user: Pick<Identity, 'id' | 'username' | 'credentialRev'>): void {
    if (!this.#bind(user.id, user.username)) return;
    const { progress } = this.#context;
    const credential = credentialVersionOf(progress.credential, user);
    progress.keep('credential', credential, credential);
  }

  #bind(user: string, username: string | undefined): boolean {
    const { progress } = this.#context;
    if (progress.identity !== undefined || progress.boundUser !== undefined) return false;
    demandEarnedFor(this.#context, username);
    progress.keep('boundUser', user, user);
    progress.changed = true;
    return true;
  }

  get boundUser(): string | undefined {
    return this.#context.progress.boundUser;
  }

  get identifiedUser(): string | undefined {
    return this.#context.progress.identity;
  }

  get credentialRev(): number | undefined {
    const { identity, credential } = this.#context.progress;
    return credential?.userId === identity ? credential?.rev : undefined;
  }

  prove({ id: user, username }: ProvenUser, method: ProofMethod, name?: string, device?: FactorDevice): void {
    this.#prove({ user, username, method, ...(name !== undefined && { name }), ...(device && { device }) });
  }

  proveSentCode(user: ProvenUser, code: string): SentCodeMethod | undefined {
    const method = this.#sentCode(user, code)?.method;
    const { id, username } = user;
    if (method !== undefined) this.#prove({ user: id, username, method, sentTo: this.#newestCodes.placesOf(code) });
    return method;
  }

  #prove({ username, ...factor }: Omit<ProvenFactor, 'at'> & ProofOf): void {
    const { user, method } = factor;
    const { definition, type } = this.#node;
    if (definition?.proves.includes(method) !== true) {
      throw new TypeError(`Node ${type} has proven "${method}", which its definition does not list under proves.`);
    }
    this.#addFactor(factor);
    // A journey in which one user has proven something signs in no other by name alone (docs/adr/0138).
    this.#bind(user, username);
  }

  addNodeType({ id: user }: Pick<Identity, 'id'>, name: string, device?: FactorDevice): void {
    this.#addFactor({ user, name, ...(device && { device }) });
  }

  nodeTypesOf({ id }: Pick<Identity, 'id'>): readonly string[] {
    return namesOf(factorsOf(this.#context.progress.factors, id));
  }

  noteSentCode(user: Pick<Identity, 'id' | 'attributes'> | undefined, sent: SentCodeNote): void {
    const { progress } = this.#context;
    const { method, code, to } = sent;
    // Also a code that proves nothing is kept: it may be sent elsewhere next.
    const note = { code: progress.digestOf(code), ...this.#placeOf(user, sent) };
    const sentCodes = withSentCode(progress.sentCodes, note, method, {
      code: (digest) => this.#isDigestOf(digest, code),
      to: (digest) => this.#isDigestOf(digest, to),
    });
    progress.keep('sentCodes', sentCodes, note);
    this.#newestCodes.note(user, sent);
    progress.changed = true;
  }

  isCodeToFormerAddress(user: Pick<Identity, 'id' | 'attributes'>, code: string): boolean {
    return this.#newestCodes.isToFormerAddress(user, code);
  }

  isCodeToOwnAddress(user: Pick<Identity, 'id'>, code: string): boolean {
    return this.#newestCodes.isToOwnAddress(user, code);
  }

  isCodeOfOther(user: Pick<Identity, 'id'> | undefined, code: string): boolean {
    return this.#newestCodes.isOfOther(user, code);
  }

  isAddressOfOther(
    user: Pick<Identity, 'id' | 'attributes'> | undefined,
    method: SentCodeMethod,
    address: string,
  ): boolean {
    return this.#newestCodes.isAddressOfOther(user, method, address);
  }

  /** What a code to that place alone proves. */
  #placeOf(
    user: Pick<Identity, 'id' | 'attributes'> | undefined,
    { method, addressIn, to, value }: SentCodeNote,
  ): Omit<SentCode, 'code'> {
    const { progress } = this.#context;
    const [attribute] = addressIn;
    if (user === undefined || attribute === undefined) return {};
    if (hasUnprovenAddress(user.attributes, addressIn, progress.now())) return {};
    const isClaimed = isClaimedAddress(user.attributes, attribute);
    return {
      user: user.id,
      method,
      to: progress.digestOf(to),
      ...(isClaimed && { claim: { attribute, value: progress.digestOf(value) } }),
    };
  }

  ownsAddress({ attributes }: Pick<Identity, 'attributes'>, addressIn: readonly string[]): boolean {
    const now = this.#context.progress.now();
    return addressIn.length > 0 && addressIn.every((name) => isProvenAddress(attributes, name, now));
  }

  noteFollowedLink({ attribute, address, userId }: FollowedLink): void {
    const { progress } = this.#context;
    const link = { attribute, address, userId };
    progress.keep('followedLink', link, link);
    progress.changed = true;
  }

  refuseLink(): never {
    this.auditRefusal(ADDRESS_CHANGED);
    throw new JourneyError('SUSPENSION_GONE', { reason: 'The user no longer has the address that it was mailed to.' });
  }

  #isDigestOf(digest: string, text: string): boolean {
    return sameText(digest, this.#context.progress.digestOf(text, digest));
  }

  #sentCode(user: Pick<Identity, 'id'>, code: string): SentCode | undefined {
    const sent = this.#context.progress.sentCodes.find((it) => this.#isDigestOf(it.code, code));
    return sent?.user === user.id ? sent : undefined;
  }

  addressOfSentCode(user: Pick<Identity, 'id' | 'attributes'>, code: string): ClaimedAddress | undefined {
    const claim = this.#sentCode(user, code)?.claim;
    if (claim === undefined) return undefined;
    const { attribute, value } = claim;
    const address = user.attributes[attribute]?.find((it) => this.#isDigestOf(value, it));
    const isUnproven = hasUnprovenAddress(user.attributes, [attribute], this.#context.progress.now());
    return address === undefined || isUnproven ? undefined : { attribute, address };
  }

  #addFactor(factor: Omit<ProvenFactor, 'at'>): void {
    const { progress } = this.#context;
    const proven = { ...factor, at: progress.now() };
    progress.keep('factors', withFactor(progress.factors, proven), proven);
    progress.changed = true;
  }

  setSessionProperty(name: string, value: string): void {
    refuseSystemProperty(name);
    setProperty(this.#context, name, value);
  }

  removeSessionProperty(name: string): void {
    refuseSystemProperty(name);
    setProperty(this.#context, name, null);
  }

  addLogoutWebhook(name: string): void {
    const names = this.#context.progress.sessionOptions.logoutWebhooks ?? [];
    const logoutWebhooks = [...names.filter((it) => it !== name), name];
    demandLogoutWebhooks(logoutWebhooks);
    setOptions(this.#context, { logoutWebhooks }, { name });
  }

  setMaxSessionMinutes(maxSessionMinutes: number): void {
    setOptions(this.#context, { maxSessionMinutes });
  }

  setMaxIdleMinutes(maxIdleMinutes: number): void {
    setOptions(this.#context, { maxIdleMinutes });
  }

  setErrorMessage(errorMessage: string): void {
    setOptions(this.#context, { errorMessage });
  }

  setLockoutMessage(lockoutMessage: string): void {
    setOptions(this.#context, { lockoutMessage });
  }

  addSuccessDetails(details: Readonly<Record<string, string>>): void {
    const before = this.#context.progress.sessionOptions.successDetails;
    setOptions(this.#context, { successDetails: { ...before, ...details } }, details);
  }

  addSuccessProperties(properties: Readonly<Record<string, string>>): void {
    const before = this.#context.progress.sessionOptions.successProperties;
    setOptions(this.#context, { successProperties: { ...before, ...properties } }, properties);
  }

  addFailureDetails(details: Readonly<Record<string, string>>): void {
    const before = this.#context.progress.sessionOptions.failureDetails;
    setOptions(this.#context, { failureDetails: { ...before, ...details } }, details);
  }

  explainFailure({ id: user }: Pick<Identity, 'id'>, reason: FailureReason): void {
    this.#context.progress.failureReason = { user, reason };
  }

  setCookie(cookie: JourneyCookie): void {
    const { progress } = this.#context;
    if (progress.isReservedCookie(cookie.name)) {
      throw new NodeFailure(`The cookie "${cookie.name}" belongs to the server.`);
    }
    progress.keep('cookies', [...progress.cookies, cookie], cookie);
  }

  newChallenge(): string {
    const { progress } = this.#context;
    const name = visitedName(progress, this.#node);
    const challenge = progress.makeChallenge(name);
    progress.keep('challenges', new Map(progress.challenges).set(name, challenge), { [name]: challenge });
    return challenge;
  }

  get challenge(): string | undefined {
    const { progress } = this.#context;
    return progress.challenges.get(visitedName(progress, this.#node));
  }

  handOver<T>(
    { handoverName, schema }: Handover<T>,
    { id, username }: Pick<Identity, 'id' | 'username'>,
    value: T,
  ): void {
    const { progress } = this.#context;
    const kept = { user: id, username, value: copyOfJson(schema.parse(value)) };
    const handedOver = new Map<string, HandedOver>(progress.handedOver).set(handoverName, kept);
    if (bytesHandedOver(handedOver) > MAX_HANDED_OVER_BYTES) {
      throw new NodeFailure(
        `A journey hands over at most ${MAX_HANDED_OVER_BYTES} bytes; "${handoverName}" is too much.`,
      );
    }
    progress.keep('handedOver', handedOver, { [handoverName]: kept });
    progress.changed = true;
  }

  handedOver<T>(kind: Handover<T>, user: Pick<Identity, 'id'>): T | undefined {
    return handedOverTo(kind, this.#context.progress.handedOver.get(kind.handoverName), user);
  }

  takeOver<T>(kind: Handover<T>, user: Pick<Identity, 'id'>): T | undefined {
    const value = this.handedOver(kind, user);
    this.#dropHandedOver(kind.handoverName);
    return value;
  }

  #keepHandedOver(isKept: (kept: HandedOver) => boolean): void {
    for (const [name, kept] of this.#context.progress.handedOver) if (!isKept(kept)) this.#dropHandedOver(name);
  }

  #dropHandedOver(name: string): void {
    const { progress } = this.#context;
    if (!progress.handedOver.has(name)) return;
    progress.keep('handedOver', new Map([...progress.handedOver].filter(([other]) => other !== name)), undefined);
    progress.changed = true;
  }

  suspend(minutes = this.#context.unitOfWork.realm.suspendedMinutes): string {
    const { progress } = this.#context;
    const { suspension, link } = progress.suspend(minutes);
    progress.suspension = suspension;
    progress.changed = true;
    return link;
  }

  audit(event: string, detail?: AuditDetail): void {
    if (detail !== undefined) this.#context.state.count(event, detail);
    this.#context.progress.audit(event, this.#node, detail);
  }

  auditRefusal(factor: string, reason: 'wrong' | 'locked' = 'wrong'): void {
    this.#context.progress.auditRefusal(factor, reason, this.#node);
  }
}
