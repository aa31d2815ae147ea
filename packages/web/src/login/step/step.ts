/** One named value of a callback, as it is on the wire. @see journeys-rest.md §3.1 */
export interface Entry {
  readonly name: string;
  readonly value: unknown;
}

/** A callback as the page reads it. Nothing is trusted beyond this shape: every value is looked at before it is used. */
export interface Callback {
  readonly type: string;
  readonly output: readonly Entry[];
  readonly input?: readonly Entry[];
  readonly _id?: number;
}

/** What the server tells our page about a request to a phone. @see docs/adr/0015 */
export interface AwaitedPhone {
  readonly for: 'sign-in' | 'setup';
  /** Milliseconds that were left when the step was sent, by the server's clock. */
  readonly left: number;
  /** Names of the phones; none where the server does not tell. */
  readonly devices: readonly string[];
  /** Absent where the request may not be sent again. */
  readonly resend?: ResendsLeft;
  /** Nothing was sent: for so many milliseconds from then, nothing goes to the user's phones. */
  readonly pausedFor?: number;
  /** No phone of the user can be rung before it has been opened. */
  readonly unreachable?: true;
}

/** How often the same request may be sent again, and in how many milliseconds from then. @see ux.md §2.5 */
export interface ResendsLeft {
  readonly left: number;
  readonly in: number;
}

/** A passkey that is to be made or used, with the options of the standard's JSON form. @see spec: webauthn §10.2 */
export interface Ceremony {
  readonly kind: 'create' | 'get';
  readonly options: Readonly<Record<string, unknown>>;
  /** It is offered where the name is filled in. */
  readonly mediation?: 'conditional';
  /** Which option of the ConfirmationCallback stands for the browser's own question: a button is to be there for it, and asks here and now. */
  readonly button?: number;
}

/** A passkey is offered to somebody who has signed in but for that. */
export interface PasskeyOffer {
  /** In so many milliseconds from when it was first shown, the page goes on without an answer. */
  readonly goOnIn: number;
}

/** What the server asks for next. */
export interface Step {
  readonly authId: string;
  readonly callbacks: readonly Callback[];
  readonly stage?: string;
  readonly header?: string;
  readonly description?: string;
  readonly phone?: AwaitedPhone;
  readonly passkey?: Ceremony;
  readonly passkeyOffer?: PasskeyOffer;
}

/** A value that somebody gave. */
export type AnswerValue = string | number | boolean;

/** Values by the position of their callback: of its first input, or of its inputs in turn. What is missing is sent back as it came. */
export type Answers = Readonly<Record<number, AnswerValue | readonly AnswerValue[]>>;

/** Reads an answer of the server into a step; `undefined` if it is none. Never throws: callbacks that make no sense are left out of the page, not of the answer. */
export const readStep = (body: unknown): Step | undefined => {
  if (!isRecord(body) || typeof body.authId !== 'string' || body.authId === '') return undefined;
  const callbacks = Array.isArray(body.callbacks) ? body.callbacks.map(readCallback) : [];
  return {
    authId: body.authId,
    callbacks,
    ...textMember(body, 'stage'),
    ...textMember(body, 'header'),
    ...textMember(body, 'description'),
    ...readPhone(body.assent),
    ...readPasskey(body.assent),
  };
};

/** The callbacks to send back: all of them, in order, with the answers put in. @see journeys-rest.md §1.14 */
export const answered = (callbacks: readonly Callback[], answers: Answers): readonly Callback[] =>
  callbacks.map((callback, position) => {
    const answer = answers[position];
    if (answer === undefined || callback.input === undefined) return callback;
    const values = Array.isArray(answer) ? answer : [answer];
    return {
      ...callback,
      input: callback.input.map((entry, at) => (at in values ? { ...entry, value: values[at] } : entry)),
    };
  });

/** A value of a callback's output by name. */
export const outputOf = (callback: Callback, name: string): unknown =>
  callback.output.find((entry) => entry.name === name)?.value;

/** A value of a callback's output as text: what is no text, number or boolean is empty. */
export const textOf = (callback: Callback, name: string): string => {
  const value = outputOf(callback, name);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

/** A value of a callback's output as a list of texts. */
export const textsOf = (callback: Callback, name: string): readonly string[] => {
  const value = outputOf(callback, name);
  return Array.isArray(value) ? value.map(String) : [];
};

/** The value that stands in the first input before anybody has answered. */
export const initialOf = (callback: Callback): unknown => callback.input?.[0]?.value;

/** A callback with its position in the step, which is what an answer is given by. */
export interface Placed {
  readonly callback: Callback;
  readonly position: number;
}

/** The callbacks of one type, with their positions. */
export const ofType = (step: Step, type: string): readonly Placed[] =>
  step.callbacks.flatMap((callback, position) => (callback.type === type ? [{ callback, position }] : []));

/** Text of the script kind (type 4), which is read and never run (SEC-71). */
export const isScript = (callback: Callback): boolean =>
  callback.type === 'TextOutputCallback' && textOf(callback, 'messageType') === '4';

/** Text for a person. */
export const isMessage = (callback: Callback): boolean => callback.type === 'TextOutputCallback' && !isScript(callback);

/** Whether two steps show the same thing; their authIds may differ. */
export const isShownAlike = (one: Step, other: Step): boolean => shownPartOf(one) === shownPartOf(other);

/** Whether answers to one step may be given to the other: the same questions in the same places, whatever was typed. */
export const sameQuestions = (one: Step, other: Step): boolean => questionsOf(one) === questionsOf(other);

/** Whether two steps ask for the same kinds of things in the same places, in whatever language. */
export const sameTypes = (one: Step, other: Step): boolean => typesOf(one) === typesOf(other);

/** Whether what was answered is still asked, in the same words, by a later form of the step. */
export const answersStill = (answers: Answers, earlier: Step, later: Step): boolean =>
  Object.keys(answers).every((key) => {
    const [one, other] = [earlier.callbacks[Number(key)], later.callbacks[Number(key)]];
    return (
      one !== undefined &&
      other !== undefined &&
      JSON.stringify([one.type, one.output]) === JSON.stringify([other.type, other.output])
    );
  });

const questionsOf = ({ callbacks, stage }: Step): string =>
  JSON.stringify([stage, callbacks.map(({ type, output }) => [type, output])]);

const typesOf = ({ callbacks, stage }: Step): string => JSON.stringify([stage, callbacks.map(({ type }) => type)]);

const shownPartOf = ({ callbacks, header, description, stage }: Step): string =>
  JSON.stringify([callbacks, header, description, stage]);

const readCallback = (value: unknown): Callback => {
  const source = isRecord(value) ? value : {};
  return {
    type: typeof source.type === 'string' ? source.type : '',
    output: readEntries(source.output),
    ...(Array.isArray(source.input) ? { input: readEntries(source.input) } : {}),
    ...(typeof source._id === 'number' ? { _id: source._id } : {}),
  };
};

const readEntries = (value: unknown): readonly Entry[] =>
  Array.isArray(value)
    ? value
        .filter(isRecord)
        .map((entry) => ({ name: typeof entry.name === 'string' ? entry.name : '', value: entry.value }))
    : [];

const readPhone = (context: unknown): { readonly phone?: AwaitedPhone } => {
  const phone = isRecord(context) ? context.phone : undefined;
  if (!isRecord(context) || !isRecord(phone)) return {};
  const { for: purpose, expiresAt, devices, pausedUntil, unreachable } = phone;
  if (purpose !== 'sign-in' && purpose !== 'setup') return {};
  if (typeof context.now !== 'number' || typeof expiresAt !== 'number') return {};
  return {
    phone: {
      for: purpose,
      left: Math.max(0, expiresAt - context.now),
      devices: Array.isArray(devices) ? devices.filter((name) => typeof name === 'string') : [],
      ...readResend(context.now, phone.resend),
      ...(typeof pausedUntil === 'number' && { pausedFor: Math.max(0, pausedUntil - context.now) }),
      ...(unreachable === true && { unreachable }),
    },
  };
};

const readPasskey = (context: unknown): Pick<Step, 'passkey' | 'passkeyOffer'> => {
  const ceremony = isRecord(context) ? context.webauthn : undefined;
  if (!isRecord(ceremony) || !isRecord(ceremony.options)) return {};
  const { kind, options, mediation, button } = ceremony;
  if (kind === 'offer') return { passkeyOffer: { goOnIn: Number(options.goOnIn) } };
  if (kind !== 'create' && kind !== 'get') return {};
  return {
    passkey: {
      kind,
      options,
      ...(mediation === 'conditional' && { mediation }),
      ...(typeof button === 'number' && { button }),
    },
  };
};

/** Reads it where it stands: in the context of a step, or in the answer to a resend. */
export const readResend = (now: unknown, value: unknown): { readonly resend?: ResendsLeft } => {
  if (!isRecord(value) || typeof now !== 'number') return {};
  const { left, at } = value;
  if (typeof left !== 'number' || left < 1 || typeof at !== 'number') return {};
  return { resend: { left, in: Math.max(0, at - now) } };
};

const textMember = <Name extends string>(
  body: Record<string, unknown>,
  name: Name,
): { readonly [K in Name]?: string } => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as { readonly [K in Name]: string }) : {};
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
