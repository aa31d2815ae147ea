import type { AnsweredBackChannel } from '../model/back-channels.ts';
import { NodeFailure } from '../model/errors.ts';
import type { Identity } from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import { factorList, factorsOf, factorUser } from '../model/proven-factors.ts';
import { isSystemSessionProperty, type SessionOptions } from '../model/sessions.ts';
import type { AuditDetail } from '../node/action.ts';
import type { JourneyContext } from '../node/journey-context.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';
import { credentialVersionOf } from '../unit-of-work/credential-version.ts';
import type { ExecutionContext } from './execution-context.ts';

/** The session property that lists the factors of a journey (spec: nodes-mfa §1, rule 9). */
export const NODE_TYPE = 'NodeType';

const setOptions = ({ progress }: ExecutionContext, options: Omit<SessionOptions, 'properties'>): void => {
  Object.assign(progress.sessionOptions, options);
  progress.changed = true;
};

const setProperty = ({ progress }: ExecutionContext, name: string, value: string | null): void => {
  progress.sessionOptions.properties[name] = value;
  progress.changed = true;
};

const refuseSystemProperty = (name: string): void => {
  if (isSystemSessionProperty(name)) throw new NodeFailure(`Session property "${name}" belongs to the system.`);
};

/** What a node says about the journey as a whole. */
export class NodeJourneyContext implements JourneyContext {
  readonly #run: ExecutionContext;
  readonly #node: CompiledNode;

  constructor(run: ExecutionContext, node: CompiledNode) {
    this.#run = run;
    this.#node = node;
  }

  get id(): string {
    return this.#run.progress.journeyId;
  }

  get tree(): string {
    return this.#run.progress.tree;
  }

  get expiresAt(): number {
    return this.#run.progress.expiresAt;
  }

  get backChannel(): AnsweredBackChannel | undefined {
    return this.#run.progress.backChannel;
  }

  identify(identity: Identity): void {
    const { progress } = this.#run;
    progress.identity = identity.id;
    progress.credential = credentialVersionOf(progress.credential, identity);
    delete progress.sessionOptions.username;
    progress.changed = true;
  }

  identifyByName(username: string): void {
    this.#run.progress.identity = undefined;
    setOptions(this.#run, { username });
  }

  get identifiedUser(): string | undefined {
    return this.#run.progress.identity;
  }

  get credentialRev(): number | undefined {
    const { identity, credential } = this.#run.progress;
    return credential?.userId === identity ? credential?.rev : undefined;
  }

  addNodeType(name: string): void {
    const user = factorUser(this.#run.state.get('username'));
    this.#run.progress.factors.push(user === undefined ? { name } : { name, user });
    setProperty(this.#run, NODE_TYPE, factorList(this.nodeTypes));
  }

  get nodeTypes(): readonly string[] {
    return factorsOf(this.#run.progress.factors, this.#run.state.get('username'));
  }

  setSessionProperty(name: string, value: string): void {
    refuseSystemProperty(name);
    setProperty(this.#run, name, value);
  }

  removeSessionProperty(name: string): void {
    refuseSystemProperty(name);
    setProperty(this.#run, name, null);
  }

  setMaxSessionMinutes(maxSessionMinutes: number): void {
    setOptions(this.#run, { maxSessionMinutes });
  }

  setMaxIdleMinutes(maxIdleMinutes: number): void {
    setOptions(this.#run, { maxIdleMinutes });
  }

  setErrorMessage(errorMessage: string): void {
    setOptions(this.#run, { errorMessage });
  }

  setLockoutMessage(lockoutMessage: string): void {
    setOptions(this.#run, { lockoutMessage });
  }

  addSuccessDetails(details: Readonly<Record<string, string>>): void {
    setOptions(this.#run, { successDetails: { ...this.#run.progress.sessionOptions.successDetails, ...details } });
  }

  addSuccessProperties(properties: Readonly<Record<string, string>>): void {
    setOptions(this.#run, {
      successProperties: { ...this.#run.progress.sessionOptions.successProperties, ...properties },
    });
  }

  addFailureDetails(details: Readonly<Record<string, string>>): void {
    setOptions(this.#run, { failureDetails: { ...this.#run.progress.sessionOptions.failureDetails, ...details } });
  }

  setCookie(cookie: JourneyCookie): void {
    const { progress } = this.#run;
    if (progress.isReservedCookie(cookie.name)) {
      throw new NodeFailure(`The cookie "${cookie.name}" belongs to the server.`);
    }
    progress.cookies.push(cookie);
  }

  suspend(minutes = this.#run.unitOfWork.realm.suspendedMinutes): string {
    const { progress } = this.#run;
    const { suspension, link } = progress.suspend(minutes);
    progress.suspension = suspension;
    progress.changed = true;
    return link;
  }

  audit(event: string, detail?: AuditDetail): void {
    this.#run.progress.audit(event, this.#node, detail);
  }

  auditRefusal(factor: string, reason: 'wrong' | 'locked' = 'wrong'): void {
    this.#run.progress.auditRefusal(factor, reason, this.#node);
  }
}
