import type { AnsweredBackChannel } from './back-channels.ts';
import type { CompiledNode } from './compiled-tree.ts';
import { stampOf } from './credential-stamp.ts';
import { NodeFailure } from './errors.ts';
import type { Identity } from './identities.ts';
import type { JourneyCookie } from './journey-cookies.ts';
import type { AuditDetail, JourneyEffects } from './node-definition.ts';
import { factorList, factorsOf, factorUser } from './proven-factors.ts';
import type { Run } from './run.ts';
import { isSystemSessionProperty, type SessionWishes } from './sessions.ts';

/** The session property that lists the factors of a journey (spec: nodes-mfa §1, rule 9). */
export const NODE_TYPE = 'NodeType';

const wish = ({ effects }: Run, wishes: Omit<SessionWishes, 'properties'>): void => {
  Object.assign(effects.wishes, wishes);
  effects.changed = true;
};

const wishProperty = ({ effects }: Run, name: string, value: string | null): void => {
  effects.wishes.properties[name] = value;
  effects.changed = true;
};

const refuseSystemProperty = (name: string): void => {
  if (isSystemSessionProperty(name)) throw new NodeFailure(`Session property "${name}" belongs to the system.`);
};

/** What a node says about the journey as a whole. */
export class EffectsOfNode implements JourneyEffects {
  readonly #run: Run;
  readonly #node: CompiledNode;

  constructor(run: Run, node: CompiledNode) {
    this.#run = run;
    this.#node = node;
  }

  get id(): string {
    return this.#run.effects.journeyId;
  }

  get tree(): string {
    return this.#run.effects.tree;
  }

  get expiresAt(): number {
    return this.#run.effects.expiresAt;
  }

  get backChannel(): AnsweredBackChannel | undefined {
    return this.#run.effects.backChannel;
  }

  identify(identity: Identity): void {
    const { effects } = this.#run;
    effects.identity = identity.id;
    effects.credential = stampOf(effects.credential, identity);
    delete effects.wishes.username;
    effects.changed = true;
  }

  identifyByName(username: string): void {
    this.#run.effects.identity = undefined;
    wish(this.#run, { username });
  }

  get identifiedUser(): string | undefined {
    return this.#run.effects.identity;
  }

  get credentialRev(): number | undefined {
    const { identity, credential } = this.#run.effects;
    return credential?.userId === identity ? credential?.rev : undefined;
  }

  addNodeType(name: string): void {
    const user = factorUser(this.#run.state.get('username'));
    this.#run.effects.factors.push(user === undefined ? { name } : { name, user });
    wishProperty(this.#run, NODE_TYPE, factorList(this.nodeTypes));
  }

  get nodeTypes(): readonly string[] {
    return factorsOf(this.#run.effects.factors, this.#run.state.get('username'));
  }

  setSessionProperty(name: string, value: string): void {
    refuseSystemProperty(name);
    wishProperty(this.#run, name, value);
  }

  removeSessionProperty(name: string): void {
    refuseSystemProperty(name);
    wishProperty(this.#run, name, null);
  }

  setMaxSessionMinutes(maxSessionMinutes: number): void {
    wish(this.#run, { maxSessionMinutes });
  }

  setMaxIdleMinutes(maxIdleMinutes: number): void {
    wish(this.#run, { maxIdleMinutes });
  }

  setErrorMessage(errorMessage: string): void {
    wish(this.#run, { errorMessage });
  }

  setLockoutMessage(lockoutMessage: string): void {
    wish(this.#run, { lockoutMessage });
  }

  addSuccessDetails(details: Readonly<Record<string, string>>): void {
    wish(this.#run, { successDetails: { ...this.#run.effects.wishes.successDetails, ...details } });
  }

  addSuccessProperties(properties: Readonly<Record<string, string>>): void {
    wish(this.#run, { successProperties: { ...this.#run.effects.wishes.successProperties, ...properties } });
  }

  addFailureDetails(details: Readonly<Record<string, string>>): void {
    wish(this.#run, { failureDetails: { ...this.#run.effects.wishes.failureDetails, ...details } });
  }

  setCookie(cookie: JourneyCookie): void {
    const { effects } = this.#run;
    if (effects.isReservedCookie(cookie.name)) {
      throw new NodeFailure(`The cookie "${cookie.name}" belongs to the server.`);
    }
    effects.cookies.push(cookie);
  }

  suspend(minutes = this.#run.submit.realm.suspendedMinutes): string {
    const { effects } = this.#run;
    const { suspension, link } = effects.suspend(minutes);
    effects.suspension = suspension;
    effects.changed = true;
    return link;
  }

  audit(event: string, detail?: AuditDetail): void {
    this.#run.effects.audit(event, this.#node, detail);
  }

  auditRefusal(factor: string, why: 'wrong' | 'locked' = 'wrong'): void {
    this.#run.effects.auditRefusal(factor, why, this.#node);
  }
}
