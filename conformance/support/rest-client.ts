/** One name and value, as callbacks carry them. */
export interface Entry {
  readonly name: string;
  value: unknown;
}

export interface RestCallback {
  readonly type: string;
  readonly output: readonly Entry[];
  readonly input?: readonly Entry[];
}

/** What `authenticate` answered: a step, a success or a failure. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authId: string | undefined;
  readonly callbacks: readonly RestCallback[];
  readonly tokenId: string | undefined;
}

const API = { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1' };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sends a request and reads the answer as `authenticate` gives it; a body that is text goes out as it is. */
export const send = async (
  url: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<RestAnswer> => {
  const response = await fetch(url, {
    method,
    headers: { ...API, ...headers },
    redirect: 'manual',
    ...(method !== 'GET' && body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const read = isObject(parsed) ? parsed : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: read,
    authId: typeof read.authId === 'string' ? read.authId : undefined,
    callbacks: Array.isArray(read.callbacks) ? (read.callbacks as RestCallback[]) : [],
    tokenId: typeof read.tokenId === 'string' ? read.tokenId : undefined,
  };
};

/** The value of that output of the callback, or undefined. */
export const outputOf = (callback: RestCallback | undefined, name: string): unknown =>
  callback?.output.find((entry) => entry.name === name)?.value;

/** The value of the hidden callback with that id; an empty text where the step has none. */
export const hiddenValue = ({ callbacks }: Pick<RestAnswer, 'callbacks'>, id: string): string => {
  const found = callbacks.find((it) => it.type === 'HiddenValueCallback' && outputOf(it, 'id') === id);
  return String(outputOf(found, 'value') ?? '');
};

/** The setup code of a registration step. */
export const setupCode = (step: Pick<RestAnswer, 'callbacks'>): string => hiddenValue(step, 'mfaDeviceRegistration');

/** The callbacks of a step with the first input of some positions filled in. */
export const filled = (
  step: Pick<RestAnswer, 'authId' | 'callbacks'>,
  answers: Readonly<Record<number, unknown>> = {},
): { authId: string | undefined; callbacks: RestCallback[] } => ({
  authId: step.authId,
  callbacks: step.callbacks.map((callback, position) =>
    Object.hasOwn(answers, position) && callback.input !== undefined
      ? {
          ...callback,
          input: callback.input.map((entry, at) => (at === 0 ? { ...entry, value: answers[position] } : entry)),
        }
      : callback,
  ),
});

export const DEVICE_PROFILE = JSON.stringify({
  identifier: 'conformance-device',
  metadata: { platform: { platform: 'Linux' } },
  location: { latitude: 52.5, longitude: 13.4 },
});

/** The positions of the options step (spec: nodes-mfa §4.5), as shipped: register, get the app, skip, opt out. */
export const OPTION = Object.freeze({ register: 0, getApp: 1, skip: 2, optOut: 3 });

/** Journeys of one server, as an app without a browser drives them. */
export class RestClient {
  readonly am: string;

  constructor(am: string) {
    this.am = am;
  }

  authenticateUrl(tree?: string): string {
    const query = tree === undefined ? '' : `?authIndexType=service&authIndexValue=${tree}`;
    return `${this.am}/json/realms/root/authenticate${query}`;
  }

  start(tree?: string): Promise<RestAnswer> {
    return send(this.authenticateUrl(tree));
  }

  submit(step: Pick<RestAnswer, 'authId' | 'callbacks'>, answers?: Readonly<Record<number, unknown>>) {
    return send(this.authenticateUrl(), filled(step, answers));
  }

  /** The steps up to what follows the device profile: options, or a wait for the phone. */
  async passPassword(username: string, password: string, tree?: string): Promise<RestAnswer> {
    const profile = await this.submit(await this.start(tree), { 0: username, 1: password });
    if (profile.callbacks[0]?.type !== 'DeviceProfileCallback') return profile;
    return this.submit(profile, { 0: DEVICE_PROFILE });
  }

  /** The registration step, with its setup code. */
  async chooseRegister(options: RestAnswer): Promise<RestAnswer> {
    const at = options.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
    return this.submit(options, { [at]: OPTION.register });
  }

  session(action: string, tokenId: string): Promise<RestAnswer> {
    return send(
      `${this.am}/json/realms/root/sessions?_action=${action}`,
      { tokenId },
      { 'accept-api-version': 'resource=4.0' },
    );
  }
}
