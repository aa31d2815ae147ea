import { isObject } from '@assent/push/protocol';
import { PhoneError } from '../account/phone-error.ts';

/** One named value of a callback (spec: journeys-rest §3.1). */
interface Entry {
  readonly name: string;
  readonly value: unknown;
}

/** What a server asks an app: to make a key for a user, or to sign with one. */
export interface AppStep {
  readonly kind: 'bind' | 'sign';
  /** Empty where the phone is to say whose it is. */
  readonly userId: string;
  readonly username: string;
  readonly challenge: string;
  readonly timeoutSeconds: number;
  /** The step with these values in its inputs, by the ends of their names. */
  answered(values: Readonly<Record<string, string>>): object;
}

const KINDS: Readonly<Record<string, AppStep['kind']>> = {
  DeviceBindingCallback: 'bind',
  DeviceSigningVerifierCallback: 'sign',
};

/** Reads a step of a journey that asks an app. */
export function readAppStep(text: string): AppStep {
  const step = jsonOf(text);
  const callbacks = isObject(step) && Array.isArray(step.callbacks) ? step.callbacks : [];
  const position = callbacks.findIndex((it) => isObject(it) && Object.hasOwn(KINDS, String(it.type)));
  const callback: unknown = callbacks[position];
  if (!isObject(step) || !isObject(callback)) throw unreadable('The step asks no app to bind this phone, or to sign.');
  const kind = KINDS[String(callback.type)] ?? 'sign';
  const said = Object.fromEntries(entriesOf(callback.output).map(({ name, value }) => [name, value]));
  const textOf = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  const challenge = textOf('challenge');
  if (challenge === '') throw unreadable('The step has nothing to sign.');
  return {
    kind,
    userId: textOf('userId'),
    username: textOf('username'),
    challenge,
    timeoutSeconds: typeof said.timeout === 'number' ? said.timeout : 60,
    answered(values) {
      const input = entriesOf(callback.input).map((entry) => {
        const end = Object.keys(values).find((name) => entry.name.endsWith(name));
        return end === undefined ? entry : { ...entry, value: values[end] };
      });
      return { ...step, callbacks: callbacks.with(position, { ...callback, input }) };
    },
  };
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('The step is not JSON.');
  }
};

const entriesOf = (value: unknown): readonly Entry[] =>
  Array.isArray(value) ? value.filter((it): it is Entry => isObject(it) && typeof it.name === 'string') : [];

const unreadable = (problem: string): PhoneError =>
  new PhoneError('STEP_UNREADABLE', problem, 'pass what the server answered to authenticate, whole');
