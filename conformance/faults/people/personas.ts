import { Phone, type PushRequest, readRegistrationUri } from '../../support/phone.ts';
import { DEVICE_PROFILE, hiddenValue, OPTION, outputOf, setupCode } from '../../support/rest-client.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import { signInApplication } from './application.ts';
import { SCRIPTED_LOGIN, SHORT_PUSH, SHORT_REQUEST_MILLIS } from './made-journeys.ts';
import { PASSWORD, type Person } from './person.ts';
import { type End, LedNowhere, type Step, SuccessWasLost, type Visit } from './visit.ts';

/** What a persona needs beside the person: where the messages of official apps come out, and what is written down. */
export interface Surroundings {
  readonly history: History;
  readonly random: Random;
  /** The newest message that a provider has delivered to a phone, or undefined. */
  delivered(providerToken: string): Promise<PushRequest | undefined>;
  /** Makes an account. */
  newPerson(): Promise<Person>;
}

export interface Persona {
  readonly name: string;
  /** How often, among all. */
  readonly weight: number;
  /** It begins with an account of its own. */
  readonly makesPerson?: true;
  fits(person: Person, now: number): boolean;
  live(visit: Visit, person: Person, around: Surroundings): Promise<void>;
}

const LOOK_AGAIN_MILLIS = 200;
/** How often somebody looks again for what ought to be there by now. */
const LOOKS = 150;
/** A provider may take so long. */
const LATE_MILLIS = 15_000;
const pause = (millis = LOOK_AGAIN_MILLIS) => new Promise((resolve) => setTimeout(resolve, millis));

const isOver = (end: End | Step): end is End => !('authId' in end);

const passPassword = async (visit: Visit, { name }: Person, journey: string): Promise<Step> => {
  const first = await visit.start(journey);
  const profile = await visit.go(first, { 0: name, 1: PASSWORD }, 'the step after the password');
  if (profile.callbacks[0]?.type !== 'DeviceProfileCallback') return profile;
  return visit.go(profile, { 0: DEVICE_PROFILE }, 'the step after the profile');
};

const expectWait = (step: Step): void => {
  if (!step.callbacks.some(({ type }) => type === 'PollingWaitCallback')) {
    throw new LedNowhere(`a wait was expected, and came ${step.callbacks.map(({ type }) => type).join()}`);
  }
};

const reachWait = async (visit: Visit, person: Person, journey: string): Promise<Step> => {
  person.wasRung(performance.now());
  const wait = await passPassword(visit, person, journey);
  expectWait(wait);
  return wait;
};

/** The request on the phone, which is there by the time that the page waits for it; that of a provider may take a while. */
const requestOn = async (
  person: Person,
  phone: Phone,
  around: Surroundings,
  seen: Set<string>,
): Promise<PushRequest> => {
  for (let look = 0; look < LOOKS; look += 1) {
    const request =
      person.providerToken === undefined ? (await phone.pending())[0] : await around.delivered(person.providerToken);
    if (request !== undefined && !seen.has(request.messageId)) {
      seen.add(request.messageId);
      return request;
    }
    await pause();
  }
  throw new LedNowhere('there is no request on the phone');
};

/** The end, which follows what the phone was told is kept: the page polls for it. */
const afterAnswer = async (visit: Visit, wait: Step): Promise<End> => {
  let step = wait;
  for (let look = 0; look < LOOKS; look += 1) {
    const end = await visit.end(step, {});
    if (isOver(end)) return end;
    step = end;
    await pause();
  }
  throw new LedNowhere('the phone has answered, and the page waits');
};

const signedIn = (end: End): string => {
  if ('token' in end) return end.token;
  throw new LedNowhere(`a session was expected, and came ${end.refused}`);
};

/** What must be refused; where it is not, that is written down, and the checker finds it. */
const expectRefused = (
  end: End | Step,
  visit: Visit,
  { name }: Person,
  { history }: Surroundings,
  shown: { readonly message: string } | { readonly code: string },
): void => {
  if ('token' in end) history.tell({ kind: 'signed in', login: visit.id, user: name, token: end.token, ...shown });
};

/** What somebody does with a session: some look at it, some end it. */
const use = async (visit: Visit, { name }: Person, token: string, { history, random }: Surroundings): Promise<void> => {
  const dice = random.next();
  if (dice < 0.1) {
    const { body } = await visit.session('validate', token);
    if (body.valid !== true) throw new LedNowhere(`a new session is ${JSON.stringify(body)}`);
  } else if (dice < 0.25) {
    const { status } = await visit.session('logout', token);
    if (status === 200) history.tell({ kind: 'ended', user: name, token });
  }
};

const approveBy = async (
  visit: Visit,
  person: Person,
  around: Surroundings,
  { journey, polls }: { readonly journey: string; readonly polls: boolean },
): Promise<void> => {
  const { history } = around;
  const phone = phoneOf(person, visit);
  const old = person.providerToken === undefined ? undefined : await around.delivered(person.providerToken);
  if (old !== undefined) person.seen.add(old.messageId);
  const wait = await reachWait(visit, person, journey);
  const request = await requestOn(person, phone, around, person.seen);
  const again = polls ? await visit.end(wait, {}) : wait;
  if (isOver(again)) throw new LedNowhere('the journey ended before the phone had answered');
  const number = hiddenValue(again, 'pushChallengeNumber');
  const { status } = await phone.approve(request, number === '' ? undefined : number);
  if (status !== 200) throw new LedNowhere(`the phone said yes, and was told ${status}`);
  const { messageId } = request;
  history.tell({ kind: 'answered', login: visit.id, user: person.name, message: messageId, decision: 'approved' });
  const token = signedIn(await afterAnswer(visit, again));
  history.tell({ kind: 'signed in', login: visit.id, user: person.name, token, message: messageId });
  person.hasApproved();
  await use(visit, person, token, around);
};

const phoneOf = (person: Person, visit: Visit): Phone => {
  if (person.phone === undefined) throw new Error(`${person.name} has no phone.`);
  person.sendsBy = visit.send;
  return person.phone;
};

/** Every code of the script that shows them. */
const codesIn = (step: Step): string[] => [
  ...(String(outputOf(step.callbacks[0], 'message')).match(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g) ?? []),
];

/** A phone for somebody who has none; the person is not used by anybody else before that. */
const connect = async (visit: Visit, person: Person, around: Surroundings, isOfficial: boolean): Promise<Step> => {
  const { history } = around;
  const options = await passPassword(visit, person, 'PushLogin');
  const at = options.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
  const setup = await visit.go(options, { [at]: OPTION.register }, 'the setup code');
  const code = setupCode(setup);
  person.sendsBy = visit.send;
  const world = { send: (request: Parameters<Visit['send']>[0]) => person.sendsBy(request), now: Date.now };
  const phone = new Phone(world, isOfficial ? { communicationType: 'gcm', hasKey: false } : {});
  person.providerToken = isOfficial ? phone.token : undefined;
  const registered = await phone.register(code);
  if (registered.status !== 200) throw new LedNowhere(`the phone was told ${registered.status} as it registered`);
  // Whoever has seen the code over a shoulder comes too late.
  const second = await new Phone(world).register(code);
  const registration = readRegistrationUri(code).messageId;
  if (second.status === 200) {
    const told = { login: visit.id, user: person.name, registration, codes: 10 };
    history.tell({ kind: 'connected', ...told, phone: 'of somebody else' });
  }
  const shown = await visit.go(setup, {}, 'the codes');
  person.codes = codesIn(shown);
  person.phone = phone;
  const told = {
    login: visit.id,
    user: person.name,
    phone: phone.token.replace('token-', ''),
    codes: person.codes.length,
  };
  history.tell({ kind: 'connected', ...told, registration });
  return visit.go(shown, {}, 'the wait after the codes');
};

const register = async (visit: Visit, around: Surroundings, isOfficial: boolean): Promise<void> => {
  const person = await around.newPerson();
  const wait = await connect(visit, person, around, isOfficial);
  expectWait(wait);
  person.wasRung(performance.now());
  const phone = phoneOf(person, visit);
  const request = await requestOn(person, phone, around, person.seen);
  const { status } = await phone.approve(request, hiddenValue(wait, 'pushChallengeNumber'));
  if (status !== 200) throw new LedNowhere(`the new phone said yes, and was told ${status}`);
  const { messageId } = request;
  const { history } = around;
  history.tell({ kind: 'answered', login: visit.id, user: person.name, message: messageId, decision: 'approved' });
  const token = signedIn(await afterAnswer(visit, wait));
  history.tell({ kind: 'signed in', login: visit.id, user: person.name, token, message: messageId });
  person.hasApproved();
};

const application: Persona['live'] = async (visit, person, { history }) => {
  const end = await visit.end(await visit.start('Login'), { 0: person.name, 1: PASSWORD });
  if (!isOver(end)) throw new LedNowhere('the password was right, and another step came');
  const token = signedIn(end);
  history.tell({ kind: 'signed in', login: visit.id, user: person.name, token });
  await signInApplication(visit, person, token, history);
};

const signInByScript = async (visit: Visit, person: Person, { history }: Surroundings): Promise<void> => {
  const password = await visit.go(await visit.start(SCRIPTED_LOGIN), { 0: person.name }, 'the field for the password');
  const end = await visit.end(password, { 0: PASSWORD });
  if (!isOver(end)) throw new LedNowhere('the script has decided, and another step came');
  history.tell({ kind: 'signed in', login: visit.id, user: person.name, token: signedIn(end) });
};

/** How long before the end of a request, or after it, a phone that was offline answers. */
const AROUND_END_MILLIS = 2_000;

/** A phone that hears nothing of its request until shortly before its end, and says yes then, or too late, and to the next one. */
const comeBack = async (
  visit: Visit,
  person: Person,
  around: Surroundings,
  { isInTime }: { readonly isInTime: boolean },
): Promise<void> => {
  const phone = phoneOf(person, visit);
  let wait = await reachWait(visit, person, SHORT_PUSH);
  await pause(SHORT_REQUEST_MILLIS - AROUND_END_MILLIS);
  let request = await requestOn(person, phone, around, person.seen);
  if (!isInTime) {
    await pause(2 * AROUND_END_MILLIS);
    const { status } = await phone.approve(request);
    if (status === 200) throw new LedNowhere('the request was over, and the answer was taken');
    person.wasRung(performance.now());
    const next = await visit.end(wait, {});
    if (isOver(next)) throw new LedNowhere('the request was over, and the journey with it');
    wait = next;
    request = await requestOn(person, phone, around, person.seen);
  }
  const { messageId } = request;
  const { status } = await phone.approve(request);
  if (status !== 200) throw new LedNowhere(`the phone was back in time, and was told ${status}`);
  around.history.tell({
    kind: 'answered',
    login: visit.id,
    user: person.name,
    message: messageId,
    decision: 'approved',
  });
  const token = signedIn(await afterAnswer(visit, wait));
  around.history.tell({ kind: 'signed in', login: visit.id, user: person.name, token, message: messageId });
  person.hasApproved();
};

const isRingable = (person: Person, now: number): boolean => person.phone !== undefined && person.mayBeRung(now);
const isOurs = (person: Person, now: number): boolean => isRingable(person, now) && person.providerToken === undefined;

export const PERSONAS: readonly Persona[] = [
  {
    name: 'password',
    weight: 24,
    fits: () => true,
    async live(visit, person, around) {
      const end = await visit.end(await visit.start('Login'), { 0: person.name, 1: PASSWORD });
      if (!isOver(end)) throw new LedNowhere('the password was right, and another step came');
      const token = signedIn(end);
      around.history.tell({ kind: 'signed in', login: visit.id, user: person.name, token });
      await use(visit, person, token, around);
    },
  },
  {
    name: 'approve',
    weight: 24,
    fits: isOurs,
    live: (visit, person, around) => approveBy(visit, person, around, { journey: 'PushLoginBasic', polls: false }),
  },
  {
    name: 'number',
    weight: 24,
    fits: isOurs,
    live: (visit, person, around) => approveBy(visit, person, around, { journey: 'PushLogin', polls: true }),
  },
  {
    name: 'official app',
    weight: 6,
    fits: (person, now) => isRingable(person, now) && person.providerToken !== undefined,
    live: (visit, person, around) => approveBy(visit, person, around, { journey: 'PushLogin', polls: true }),
  },
  {
    name: 'deny',
    weight: 4,
    // The second refusal within an hour would silence the phone (SEC-26).
    fits: (person, now) => isOurs(person, now) && !person.hasRefused,
    async live(visit, person, around) {
      const phone = phoneOf(person, visit);
      const wait = await reachWait(visit, person, 'PushLoginBasic');
      const { messageId, ...request } = await requestOn(person, phone, around, person.seen);
      person.hasDenied(performance.now());
      const { status } = await phone.deny({ messageId, ...request });
      if (status !== 200) throw new LedNowhere(`the phone said no, and was told ${status}`);
      around.history.tell({
        kind: 'answered',
        login: visit.id,
        user: person.name,
        message: messageId,
        decision: 'denied',
      });
      const end = await afterAnswer(visit, wait).catch(endedUnheard);
      expectRefused(end, visit, person, around, { message: messageId });
    },
  },
  {
    name: 'wrong number',
    weight: 2,
    fits: (person, now) => isOurs(person, now) && !person.hasRefused,
    async live(visit, person, around) {
      person.hasRefused = true;
      const phone = phoneOf(person, visit);
      const wait = await reachWait(visit, person, 'PushLogin');
      const request = await requestOn(person, phone, around, person.seen);
      const number = Number(hiddenValue(wait, 'pushChallengeNumber'));
      await phone.approve(request, String(number === 999_999 ? 100_000 : number + 1));
      const end = await afterAnswer(visit, wait).catch(endedUnheard);
      if ('token' in end) throw new LedNowhere('the number was wrong, and the answer is a session');
    },
  },
  {
    name: 'recovery code',
    weight: 6,
    fits: (person) => person.phone !== undefined && person.codes.length > 0,
    async live(visit, person, around) {
      const { history } = around;
      const enter = async (on: Visit, code: string) => {
        const wait = await reachWait(on, person, 'PushLogin');
        const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
        const field = await on.go(wait, { [exit]: 0 }, 'the field for a code');
        history.tell({ kind: 'code sent', user: person.name, code });
        return on.end(field, { 0: code });
      };
      const code = person.codes.pop() ?? '';
      const end = await enter(visit, code);
      if (!isOver(end)) throw new LedNowhere('the code was good, and is asked for once more');
      const token = signedIn(end);
      history.tell({ kind: 'signed in', login: visit.id, user: person.name, token, code });
      person.usedCode = code;
      // What a provider brings of this login yet is not taken for the next.
      if (person.providerToken !== undefined) person.restsUntil = performance.now() + LATE_MILLIS;
    },
  },
  {
    name: 'used code',
    weight: 1,
    fits: (person) => person.usedCode !== undefined && person.providerToken === undefined,
    async live(visit, person, around) {
      const code = person.usedCode ?? '';
      const wait = await reachWait(visit, person, 'PushLogin');
      const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
      const field = await visit.go(wait, { [exit]: 0 }, 'the field for a code');
      const end = await visit.end(field, { 0: code }).catch(endedUnheard);
      expectRefused(end, visit, person, around, { code });
      person.usedCode = undefined;
    },
  },
  {
    name: 'registration',
    weight: 3,
    makesPerson: true,
    fits: () => true,
    live: (visit, _nobody, around) => register(visit, around, false),
  },
  {
    name: 'registration of the official app',
    weight: 2,
    makesPerson: true,
    fits: () => true,
    live: (visit, _nobody, around) => register(visit, around, true),
  },
  { name: 'application', weight: 4, fits: () => true, live: application },
  // Nobody is drawn to be one of these: the fault that asks for them makes their journeys.
  { name: 'script', weight: 0, fits: () => true, live: signInByScript },
  {
    name: 'phone back in time',
    weight: 0,
    fits: isOurs,
    live: (visit, person, around) => comeBack(visit, person, around, { isInTime: true }),
  },
  {
    name: 'phone back too late',
    weight: 0,
    fits: isOurs,
    live: (visit, person, around) => comeBack(visit, person, around, { isInTime: false }),
  },
];

/** A refusal whose answer was lost is heard as a journey that is over. */
const endedUnheard = (error: unknown): End => {
  if (error instanceof SuccessWasLost) return { refused: 'nobody heard how it ended' };
  throw error;
};
