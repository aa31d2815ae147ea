import { Phone } from './phone.ts';
import { sendByFetch, type WireAnswer } from './wire.ts';

const accepted = async (sent: Promise<WireAnswer>): Promise<void> => {
  const { status, body } = await sent;
  if (status !== 200) throw new Error(`The phone was refused with ${status}: ${JSON.stringify(body)}`);
};

/**
 * The phones of the people of a suite by their names, each with one request at a time. `assent phone` would be a process
 * for each answer.
 */
export const newPhones = () => {
  const phones = new Map<string, Phone>();
  const phoneOf = (name: string): Phone => {
    const phone = phones.get(name);
    if (phone === undefined) throw new Error(`${name} has no phone.`);
    return phone;
  };
  return {
    async register(name: string, code: string): Promise<void> {
      const phone = new Phone({ send: sendByFetch, now: Date.now });
      await accepted(phone.register(code));
      phones.set(name, phone);
    },
    async approve(name: string, number: string): Promise<void> {
      const phone = phoneOf(name);
      await accepted(phone.approve(await phone.request(), number));
    },
    async deny(name: string, reason?: 'not_me' | 'cancelled'): Promise<void> {
      const phone = phoneOf(name);
      await accepted(phone.deny(await phone.request(), reason));
    },
  };
};
