import type { TestPhone } from '@assent/push/testing';
import { factorWorld } from './factor-world.ts';

/** What goes wrong at a commit: the process ends before it, or after it and before anybody was told. */
class Crash extends Error {}

/** Small and repeatable (Marsaglia's xorshift): which way a run goes is said by its seed alone. */
const numbersFrom = (seed: number): ((below: number) => number) => {
  let state = (seed * 2_654_435_761) % 4_294_967_296 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

/** Lets one of those who wait go on at a time, whom a seed says, and ends some of them at a commit. */
class Schedule {
  readonly #below: (below: number) => number;
  #waiting: (() => void)[] = [];
  #running = 0;
  crashes = 0;

  constructor(below: (below: number) => number) {
    this.#below = below;
  }

  readonly turn = (): Promise<void> => new Promise((resolve) => this.#waiting.push(resolve));

  async commit<T>(commit: () => Promise<T>): Promise<T> {
    await this.turn();
    const fate = this.#below(12);
    if (fate === 0) this.#crash();
    const result = await commit();
    await this.turn();
    if (fate === 1) this.#crash();
    return result;
  }

  #crash(): never {
    this.crashes += 1;
    throw new Crash();
  }

  /** Runs somebody who calls again after a crash, as every client does, until told what became of it. */
  begin(call: () => Promise<void>): void {
    this.#running += 1;
    const again = (): void => {
      call().then(
        () => {
          this.#running -= 1;
        },
        (error: unknown) => {
          if (!(error instanceof Crash)) this.#failed ??= error;
          if (error instanceof Crash) again();
          else this.#running -= 1;
        },
      );
    };
    again();
  }
  #failed: unknown;

  async finish(): Promise<void> {
    while (this.#running > 0) {
      await new Promise(setImmediate);
      const [next] = this.#waiting.splice(this.#below(Math.max(1, this.#waiting.length)), 1);
      next?.();
    }
    if (this.#failed !== undefined) throw this.#failed;
  }
}

/** What the people of a run were told. */
interface Told {
  readonly approvals: Set<string>;
  readonly denials: Set<string>;
  /** Journeys that were told that their request was approved, each with a session. */
  readonly signedIn: Set<string>;
  readonly usedCodes: Map<string, number>;
}

export interface InterleavingRun {
  readonly seed: number;
  readonly crashes: number;
  /** What was told or is stored and must not be: none where all is well. */
  readonly findings: readonly string[];
}

const makeWorld = async () => {
  const world = factorWorld();
  const phones = [
    await world.registeredPhone({ communicationType: 'relay', deviceType: 'cli', hasKey: true }),
    await world.registeredPhone({ communicationType: 'gcm', deviceType: 'android' }),
  ];
  const step = world.unit();
  const codes = await world.bind.codes(step).replace(world.user.id, 'push');
  await step.commit();
  const request = await world.sendTo();
  await world.dispatcher.idle();
  return { world, phones, codes, request };
};

/**
 * One user, two phones, browsers and codes, all at once and in an order that the seed says, with processes that end at commits, each asked again:
 * what they are told, and what is stored in the end, is judged by I2 (an answer and a code count once) and I8 (a denial stays one) and by
 * what was told being kept (REL-28).
 */
export const interleavingRun = async (seed: number): Promise<InterleavingRun> => {
  const below = numbersFrom(seed);
  const { world, phones, codes, request } = await makeWorld();
  const { ports, bind, unit, user, clock, call } = world;
  const schedule = new Schedule(below);
  const told: Told = { approvals: new Set(), denials: new Set(), signedIn: new Set(), usedCodes: new Map() };
  const findings: string[] = [];
  let consumed = 0;

  const { committer } = ports;
  const commitNow = committer.commit.bind(committer);
  Object.assign(committer, {
    commit: (changes: Parameters<typeof commitNow>[0]) =>
      schedule.commit(async () => {
        const result = await commitNow(changes);
        const taken = changes.find(({ type }) => type === 'push.consume');
        if (result.committed && taken !== undefined && 'state' in taken && taken.state === 'approved') {
          consumed += 1;
          if (told.denials.size > 0) findings.push('I8: an approval was taken after a denial was acknowledged');
        }
        return result;
      }),
  });
  for (const reader of [ports.messages, ports.devices, ports.throttles] as object[]) {
    for (const name of ['get', 'ofRequest', 'codesBySelector'] as const) {
      const read = (reader as Record<string, unknown>)[name];
      if (typeof read !== 'function') continue;
      const now = (read as (...given: unknown[]) => Promise<unknown>).bind(reader);
      Object.assign(reader, { [name]: (...given: unknown[]) => schedule.turn().then(() => now(...given)) });
    }
  }

  const answer = (phone: TestPhone, deny: boolean): void => {
    const { id, jwt } = request.rowFor(phone);
    // Signed once: whoever hears nothing sends the same again.
    const body = phone.answer(id, jwt, { now: clock.now(), ...(deny && { deny: true as const }) });
    schedule.begin(async () => {
      const { status } = await call('authenticate', body);
      if (status === 200) (deny ? told.denials : told.approvals).add(id);
    });
  };
  const poll = (): void =>
    schedule.begin(async () => {
      const step = unit({ journeyId: 'journey-1' });
      const port = bind.messages(step);
      const { status } = await port.status(request.messageId);
      if (status !== 'approved' && status !== 'denied') return;
      port.consume(request.messageId, status);
      const { committed } = await step.commit();
      if (committed && status === 'approved') told.signedIn.add('journey-1');
    });
  const useCode = (code: string): void =>
    schedule.begin(async () => {
      const step = unit({ journeyId: `journey-of-code-${below(1_000_000)}` });
      const verdict = await bind.codes(step).use(user, 'push', code);
      const { committed } = await step.commit();
      if (verdict === 'good' && committed) told.usedCodes.set(code, (told.usedCodes.get(code) ?? 0) + 1);
    });
  const forge = (phone: TestPhone): void => {
    const { id, jwt } = request.rowFor(phone);
    const body = phone.answer(id, jwt, { now: clock.now(), claims: { response: Buffer.alloc(32).toString('base64') } });
    schedule.begin(async () => {
      if ((await call('authenticate', body)).status === 200) findings.push('an answer without proof was accepted');
    });
  };
  const send = (): void =>
    schedule.begin(async () => {
      await world.send({ journeyId: 'journey-2' });
    });
  const pass = (): void =>
    schedule.begin(async () => {
      await schedule.turn();
      clock.advance(below(2) === 0 ? 119_000 : 151_000);
    });

  const acts = 4 + below(6);
  for (let act = 0; act < acts; act += 1) {
    const phone = phones[below(2)] as TestPhone;
    const kind = below(16);
    if (kind < 4) answer(phone, false);
    else if (kind < 6) answer(phone, true);
    else if (kind < 10) poll();
    else if (kind < 13) useCode(codes[below(2)] ?? '');
    else if (kind < 14) forge(phone);
    else if (kind < 15) send();
    else pass();
  }
  await schedule.finish();

  if (consumed > 1) findings.push(`I2: one approval was taken ${consumed} times`);
  for (const [code, times] of told.usedCodes)
    if (times > 1) findings.push(`I2: one code was good ${times} times (${codes.indexOf(code)})`);
  if (told.usedCodes.size > codes.length - ports.codes().length) findings.push('a code that was used is still there');
  for (const id of told.denials) {
    const { state } = ports.row(id);
    if (state !== 'denied' && state !== 'consumed' && state !== 'closed') findings.push(`I8: a denial is ${state}`);
  }
  for (const id of told.approvals) {
    if (ports.row(id).state === 'pending') findings.push('an approval that was acknowledged is not kept');
  }
  if (told.signedIn.size > 0 && told.approvals.size === 0 && schedule.crashes === 0)
    findings.push('somebody was signed in whom nobody has approved');
  return { seed, crashes: schedule.crashes, findings };
};
