import type { LoginVisit } from '@assent/wire';
import type { PageAddress } from '../address/page-address.ts';
import { createJourney, type Journey, type JourneyMemory } from '../journey/journey.ts';
import { createJourneyClient, type JourneyClient } from '../journey/journey-client.ts';
import type { PageState } from '../journey/page-state.ts';
import type { Timers } from '../journey/timers.ts';
import type { PostedStep } from '../step/posted-step.tsx';
import { screenOfStep } from '../step/screen-of-step.ts';
import { type Answers, answered, type Step } from '../step/step.ts';
import { answersOfForm, type Fields, type PostedForm } from './posted-form.ts';

/** A page that is rendered once waits for nothing and keeps nothing. */
const noTimers: Timers = { now: () => performance.now(), chance: Math.random, after: () => () => {} };
const noMemory: JourneyMemory = { read: () => undefined, write: () => {}, clear: () => {} };
const never = (): Promise<never> => new Promise(() => {});

/** The page's own journey on the server, for one visit: it comes to rest at what is to be rendered. */
export class RenderedJourney {
  readonly it: Journey;
  readonly #client: JourneyClient;
  /** Of the last answer of the server's API; 0 before the first. */
  lastStatus = 0;
  #settle = (): void => {};

  constructor(visit: LoginVisit, address: PageAddress, locale: string | undefined) {
    const fetch = fetchOf(
      visit,
      (status) => {
        this.lastStatus = status;
      },
      () => this.#settle(),
    );
    this.#client = {
      ...createJourneyClient({ address, locale: () => locale, capabilities: () => [], fetch }),
      wait: never,
    };
    this.it = createJourney({
      client: this.#client,
      memory: noMemory,
      timers: noTimers,
      isOnline: () => true,
      onChange: () => {
        if (this.#isAtRest()) this.#settle();
      },
      loginHint: address.loginHint,
      followsGoto: address.start.has('goto'),
    });
  }

  open(): Promise<void> {
    return this.#until(() => this.it.open());
  }

  /** Does what a form asks for. Words for what is missing in it are taken before the first call. */
  async answer({ press, from }: PostedForm & { readonly kind: 'press' }, fields: Fields): Promise<void> {
    if (from !== undefined) this.#takeUp(from, from.step);
    switch (press) {
      case 'over':
        return this.#until(() => this.it.startOver());
      case 'another':
        return this.#until(() => this.it.useAnotherAccount());
      case 'language':
        return from === undefined ? this.open() : this.#until(() => this.it.reword());
      case 'go-on':
        return this.#until(() => this.it.goOn());
      case 'check':
        return this.#check(from);
      case 'answer':
        return this.#send(from, fields);
    }
  }

  #takeUp({ first, username }: PostedStep, step: Step, errors?: Readonly<Record<number, string>>): void {
    const state: PageState = {
      kind: 'step',
      step,
      screen: screenOfStep(step, { first }),
      serial: 1,
      first,
      busy: false,
      problem: undefined,
      until: undefined,
      ranOut: false,
      renewed: false,
      ...(errors && { errors }),
    };
    this.it.takeUp({ state, connection: { kind: 'fine' }, username });
  }

  async #send(from: PostedStep | undefined, fields: Fields): Promise<void> {
    if (from === undefined) return;
    const { answers, missing } = answersOfForm(from, fields);
    if (Object.keys(missing).length > 0) return this.#takeUp(from, typedIn(from.step, answers), missing);
    return this.#until(() => this.it.submit(answers));
  }

  /**
   * Looks first, since a submit of a request that ran out would send a new one unasked (ux.md §0.3). What was submitted
   * already is submitted again, as by a reload: the same answer comes back (SEC-39).
   */
  async #check(from: PostedStep | undefined): Promise<void> {
    if (from === undefined) return;
    const now = await this.#client.resume(from.step.authId);
    if (now.kind === 'step' && now.step.phone?.left === 0) this.#takeUp(from, now.step);
    else await this.#until(() => this.it.goOn());
  }

  #until(begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      begin();
    });
  }

  #isAtRest(): boolean {
    const state = this.it.state();
    return this.it.connection().kind !== 'fine' || !(state.kind === 'loading' || (state.kind === 'step' && state.busy));
  }
}

/** What was typed stays in its fields, but for passwords. */
const typedIn = (step: Step, answers: Answers): Step => {
  const isSecret = (position: string): boolean => step.callbacks[Number(position)]?.type.includes('Password') === true;
  const shown = Object.fromEntries(Object.entries(answers).filter(([position]) => !isSecret(position)));
  return { ...step, callbacks: answered(step.callbacks, shown) };
};

/** The server's API in the place of a network. A call that is refused to somebody who only looks is never answered. */
const fetchOf =
  (visit: LoginVisit, onReply: (status: number) => void, onRefused: () => void): typeof globalThis.fetch =>
  async (url, init) => {
    const reply = await visit.call({ url: String(url), body: String(init?.body ?? '') });
    if (reply !== undefined) {
      onReply(reply.status);
      return new Response(reply.body, { status: reply.status, headers: reply.headers });
    }
    onRefused();
    return never();
  };
