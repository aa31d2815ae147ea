import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import type { Network } from '../servers/network.ts';
import { Person } from './person.ts';
import { PERSONAS, type Persona, type Surroundings } from './personas.ts';
import { LedNowhere, SuccessWasLost, Visit } from './visit.ts';

/** After a login that was disturbed, whoever did it rests for as long as the limits of the phone look back. */
const REST_MILLIS = 65_000;
/**
 * Nobody begins while so many seconds' worth of logins are under way: a machine with a lot to do beside this has fewer logins, and is not
 * buried under them.
 */
const SECONDS_UNDER_WAY = 2;

export interface LoadOptions {
  readonly am: string;
  readonly network: Network;
  readonly history: History;
  readonly random: Random;
  readonly perSecond: number;
  readonly delivered: Surroundings['delivered'];
  /** Makes the account. */
  readonly addUser: (name: string, visit: Visit) => Promise<void>;
}

/** People of all personas who log in, so many a second, whatever happens to the servers. */
export class Load {
  readonly counts = { begun: 0, done: 0, lost: 0, disturbed: 0, failed: 0 };
  readonly byPersona = new Map<string, number>();
  readonly people: Person[] = [];
  readonly #options: LoadOptions;
  readonly #underWay = new Set<Promise<boolean>>();
  #timer: NodeJS.Timeout | undefined;
  #named = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** So many people with a phone, to begin with: some have the official app. */
  async invite(count: number): Promise<void> {
    const four = ['registration', 'registration', 'registration', 'registration of the official app'];
    for (let from = 0; from < count; from += four.length) {
      await Promise.all(four.slice(0, count - from).map((persona) => this.honestly(persona)));
    }
  }

  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#next(), 1_000 / this.#options.perSecond);
  }

  /** Nobody begins any more, and everybody comes to an end. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** These log in no more. */
  forget(names: ReadonlySet<string>): void {
    this.people.splice(0, this.people.length, ...this.people.filter(({ name }) => !names.has(name)));
  }

  /** One more login, of that persona, by somebody who is free where nobody is named: whether it was as it should be; undefined where nobody is free for it. */
  async honestly(personaName: string, who?: Person): Promise<boolean | undefined> {
    const persona = PERSONAS.find(({ name }) => name === personaName);
    if (persona === undefined) throw new Error(`There is no persona ${personaName}.`);
    if (persona.makesPerson) return this.#live(persona, undefined);
    const person = who ?? this.#whoFits(persona);
    return person === undefined ? undefined : this.#live(persona, person);
  }

  /** An honest login of each kind, by somebody new and so by somebody who is free, and one by everybody whose last one came to nothing (I3). */
  async returned(): Promise<void> {
    const hasArrived = await this.honestly('registration');
    const newcomer = this.people.at(-1);
    if (hasArrived && newcomer !== undefined) {
      for (const persona of ['password', 'number', 'recovery code']) await this.honestly(persona, newcomer);
    }
    for (const person of this.people.filter(({ isDisturbed }) => isDisturbed)) await this.honestly('password', person);
  }

  #next(): void {
    if (this.#underWay.size >= SECONDS_UNDER_WAY * this.#options.perSecond) return;
    const persona = this.#drawn();
    const person = persona.makesPerson ? undefined : this.#whoFits(persona);
    if (persona.makesPerson || person !== undefined) void this.#live(persona, person);
  }

  #drawn(): Persona {
    let dice = this.#options.random.below(PERSONAS.reduce((sum, { weight }) => sum + weight, 0));
    for (const persona of PERSONAS) {
      dice -= persona.weight;
      if (dice < 0) return persona;
    }
    throw new Error('The weights have changed.');
  }

  #whoFits(persona: Persona): Person | undefined {
    const now = performance.now();
    const { people } = this;
    const from = this.#options.random.below(Math.max(1, people.length));
    const isFree = (it: Person) => !it.isBusy && it.restsUntil < now && persona.fits(it, now);
    return people.slice(from).find(isFree) ?? people.slice(0, from).find(isFree);
  }

  #live(persona: Persona, person: Person | undefined): Promise<boolean> {
    const lived: Promise<boolean> = this.#lived(persona, person).finally(() => this.#underWay.delete(lived));
    this.#underWay.add(lived);
    return lived;
  }

  async #lived(persona: Persona, person: Person | undefined): Promise<boolean> {
    const { am, network, history, random, delivered, addUser } = this.#options;
    this.counts.begun += 1;
    this.byPersona.set(persona.name, (this.byPersona.get(persona.name) ?? 0) + 1);
    let who = person;
    if (who !== undefined) who.isBusy = true;
    const visit = new Visit(am, network, (who ?? new Person('', this.#named)).address);
    const isDisturbance = (it: Person | undefined) =>
      network.isExcused(it?.providerToken === undefined ? 'logins' : 'messages', visit.startedAt);
    const newPerson = async () => {
      this.#named += 1;
      who = new Person(`person-${this.#named}`, this.#named);
      who.isBusy = true;
      await addUser(who.name, visit);
      return who;
    };
    try {
      await persona.live(visit, who ?? new Person('nobody', 0), { history, random, delivered, newPerson });
      this.counts.done += 1;
      if (person === undefined && who !== undefined) this.people.push(who);
      if (who !== undefined) who.isDisturbed = false;
      return true;
    } catch (error) {
      if (who !== undefined) {
        who.restsUntil = performance.now() + REST_MILLIS;
        who.isDisturbed = true;
      }
      if (error instanceof SuccessWasLost && network.isExcused('answers', visit.startedAt)) this.counts.lost += 1;
      else if (isDisturbance(who)) this.counts.disturbed += 1;
      else {
        this.counts.failed += 1;
        const where =
          error instanceof LedNowhere || error instanceof SuccessWasLost
            ? error.message
            : String((error as Error).stack);
        history.tell({
          kind: 'stuck',
          login: visit.id,
          user: who?.name ?? 'nobody',
          where: `${persona.name}: ${where}`,
        });
      }
      return false;
    } finally {
      if (who !== undefined) who.isBusy = false;
    }
  }
}
