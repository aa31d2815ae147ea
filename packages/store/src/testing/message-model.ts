import type { MessageState } from '@assent/push';
import fc from 'fast-check';
import type { StoreChange } from '../ports/store.ts';
import { messageRow, NOW } from './rows.ts';

/** What may happen to the logins of one user with two phones. */
export type Step =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'answer';
      readonly request: number;
      readonly phone: 0 | 1;
      readonly state: 'approved' | 'denied';
      readonly late: boolean;
    }
  | { readonly kind: 'badProof'; readonly request: number; readonly phone: 0 | 1 }
  | { readonly kind: 'consume'; readonly request: number; readonly state: 'approved' | 'denied' }
  | { readonly kind: 'close'; readonly request: number };

const request = fc.integer({ min: 0, max: 1 });
const phone = fc.constantFrom(0 as const, 1 as const);
const state = fc.constantFrom('approved' as const, 'denied' as const);

export const stepOf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      request,
      phone,
      state,
      late: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('badProof' as const), request, phone }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('consume' as const), request, state }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), request }) },
);

interface Phone {
  state: MessageState;
  attempts: number;
  isWithdrawn: boolean;
}

/** The life of a message told a second time, as plainly as can be: one request after the other, phone by phone. */
export const modelOf = (name: string) => {
  const requests: [Phone, Phone][] = [];
  const idOf = (at: number, phone: 0 | 1): string => `AUTHENTICATE:${name}-${at}-${phone}`;
  /** Steps name the newest request as 0 and the one before it as 1. */
  const indexOf = (back: number): number => requests.length - 1 - back;

  const answer = (phones: [Phone, Phone], at: 0 | 1, given: 'approved' | 'denied', late: boolean): boolean => {
    const [mine, other] = at === 0 ? phones : [phones[1], phones[0]];
    const isFirst = mine.state === 'pending' && !late;
    const isChangeOfMind =
      given === 'denied' && (mine.state === 'approved' || (mine.isWithdrawn && other.state === 'approved'));
    if (!isFirst && !isChangeOfMind) return false;
    mine.state = given;
    mine.isWithdrawn = false;
    if (other.state === 'pending') Object.assign(other, { state: 'closed', isWithdrawn: true });
    if (other.state === 'approved' && given === 'denied') other.state = 'denied';
    return true;
  };

  const consume = (phones: [Phone, Phone], given: 'approved' | 'denied'): boolean => {
    if (!phones.some((it) => it.state === given)) return false;
    if (given === 'approved' && phones.some((it) => it.state === 'denied')) return false;
    for (const it of phones) {
      if (it.state === 'approved' || it.state === 'denied') it.state = 'consumed';
      if (it.state === 'pending') it.state = 'closed';
    }
    return true;
  };

  return {
    changeOf(step: Step): StoreChange {
      switch (step.kind) {
        case 'open': {
          const at = requests.length;
          const row = (phone: 0 | 1) =>
            messageRow({
              id: idOf(at, phone),
              request: idOf(at, 0),
              userId: name,
              deviceUuid: `${name}-device-${phone}`,
            });
          return { type: 'push.open', rows: [row(0), row(1)] };
        }
        case 'answer':
          return {
            type: 'push.answer',
            id: idOf(indexOf(step.request), step.phone),
            state: step.state,
            at: step.late ? NOW + 120_000 : NOW + 1,
            answerHash: 'hash',
          };
        case 'badProof':
          return { type: 'push.badProof', id: idOf(indexOf(step.request), step.phone), at: NOW };
        case 'consume':
          return { type: 'push.consume', request: idOf(indexOf(step.request), 0), state: step.state, at: NOW };
        case 'close':
          return { type: 'push.close', request: idOf(indexOf(step.request), 0), reason: 'exit' };
      }
    },

    /** Whether the step is taken; the model moves with it. */
    apply(step: Step): boolean {
      if (step.kind === 'open') {
        for (const phones of requests) for (const it of phones) if (it.state === 'pending') it.state = 'closed';
        const ringing = (): Phone => ({ state: 'pending', attempts: 0, isWithdrawn: false });
        requests.push([ringing(), ringing()]);
        return true;
      }
      const phones = requests[indexOf(step.request)];
      if (phones === undefined) return step.kind === 'badProof' || step.kind === 'close';
      switch (step.kind) {
        case 'answer':
          return answer(phones, step.phone, step.state, step.late);
        case 'badProof': {
          const mine = phones[step.phone];
          mine.attempts += 1;
          if (mine.state === 'pending' && mine.attempts === 5) mine.state = 'closed';
          return true;
        }
        case 'consume':
          return consume(phones, step.state);
        case 'close':
          for (const it of phones) {
            if (it.state === 'pending' || it.state === 'approved' || it.state === 'denied') it.state = 'closed';
          }
          return true;
      }
    },

    states: (): readonly (readonly [string, Phone])[] =>
      requests.flatMap(([first, second], at) => [[idOf(at, 0), first] as const, [idOf(at, 1), second] as const]),
  };
};
