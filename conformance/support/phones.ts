import { PASSWORD } from './people.ts';
import { Phone } from './phone.ts';
import { hiddenValue, outputOf, RestClient, setupCode } from './rest-client.ts';
import { sendByFetch, type WireAnswer } from './wire.ts';

const accepted = async (sent: Promise<WireAnswer>): Promise<void> => {
  const { status, body } = await sent;
  if (status !== 200) throw new Error(`The phone was refused with ${status}: ${JSON.stringify(body)}`);
};

/** A user who has connected a phone and approved with it once. */
export interface Enrolled {
  readonly codes: readonly string[];
  /** The session of that approval. */
  readonly tokenId: string;
}

/**
 * The phones of the people of a suite by their names, each with one request at a time. `assent phone` would be a process
 * for each answer.
 */
export const newPhones = (now: () => number = Date.now) => {
  const phones = new Map<string, Phone>();
  const phoneOf = (name: string): Phone => {
    const phone = phones.get(name);
    if (phone === undefined) throw new Error(`${name} has no phone.`);
    return phone;
  };
  const register = async (name: string, code: string): Promise<void> => {
    const phone = new Phone({ send: sendByFetch, now });
    await accepted(phone.register(code));
    phones.set(name, phone);
  };
  const approve = async (name: string, number: string): Promise<void> => {
    const phone = phoneOf(name);
    await accepted(phone.approve(await phone.request(), number));
  };
  return {
    register,
    approve,
    /** Connects the phone of a user who is there already, by an app without a browser: for suites about what comes after it. */
    async enrol(am: string, name: string): Promise<Enrolled> {
      const app = new RestClient(am);
      const setup = await app.chooseRegister(await app.passPassword(name, PASSWORD));
      await register(name, setupCode(setup));
      const kept = await app.submit(setup);
      const codes = [...String(outputOf(kept.callbacks[0], 'message')).matchAll(/\s[\s\S]"(\w+)\\/g)].map(
        ([, code = '']) => code,
      );
      const asked = await app.submit(kept);
      await approve(name, hiddenValue(asked, 'pushChallengeNumber'));
      const { tokenId, text } = await app.submit(asked);
      if (tokenId === undefined) throw new Error(`${name} is not signed in: ${text}`);
      return { codes, tokenId };
    },
    async deny(name: string, reason?: 'not_me' | 'cancelled'): Promise<void> {
      const phone = phoneOf(name);
      await accepted(phone.deny(await phone.request(), reason));
    },
  };
};
