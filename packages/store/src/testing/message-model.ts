import {
  afterAnswer,
  afterBadProof,
  afterClose,
  afterConsumption,
  afterNewRequest,
  type MessageTransition,
  type PushMessage,
} from '@assent/push';
import fc from 'fast-check';
import type { StoreChange } from '../ports/store.ts';
import { messageRow, NOW } from './rows.ts';

/** What may happen to the logins of one user with two phones. */
export type Step =
  | { readonly kind: 'open'; readonly place: 0 | 1 }
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
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), place: phone }) },
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

/** Every message as the rules leave it, kept in a plain list: what a store has to hold after the same steps. */
export const modelOf = (name: string) => {
  let rows: readonly PushMessage[] = [];
  let opened = 0;
  const idOf = (at: number, phone: 0 | 1): string => `AUTHENTICATE:${name}-${at}-${phone}`;
  /** Steps name the newest request as 0 and the one before it as 1. */
  const indexOf = (back: number): number => opened - 1 - back;
  const ofRequest = (request: string): readonly PushMessage[] => rows.filter((row) => row.request === request);
  const move = (transitions: readonly (MessageTransition & { attempts?: number })[] | undefined): boolean => {
    rows = rows.map((row) => ({ ...row, ...transitions?.find(({ id }) => id === row.id) }));
    return transitions !== undefined;
  };

  return {
    changeOf(step: Step): Extract<StoreChange, { type: `push.${string}` }> {
      switch (step.kind) {
        case 'open': {
          const row = (phone: 0 | 1) =>
            messageRow({
              id: idOf(opened, phone),
              request: idOf(opened, 0),
              userId: name,
              deviceUuid: `${name}-device-${phone}`,
              journeyId: `${name}-journey-${opened}`,
              askedFrom: { place: `place-${step.place}`, source: '192.0.2.1' },
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
      const change = this.changeOf(step);
      switch (change.type) {
        case 'push.open':
          for (const row of change.rows) move(afterNewRequest(row, rows));
          rows = [...rows, ...change.rows];
          opened += 1;
          return true;
        case 'push.answer':
          return move(afterAnswer(ofRequest(rows.find(({ id }) => id === change.id)?.request ?? ''), change));
        case 'push.badProof':
          move(rows.filter(({ id }) => id === change.id).map(afterBadProof));
          return true;
        case 'push.consume':
          return move(afterConsumption(ofRequest(change.request), change.state));
        case 'push.close':
          return move(afterClose(ofRequest(change.request), change.reason));
        default:
          throw new TypeError(`no step makes a ${change.type}`);
      }
    },

    states: () => rows.map(({ id, state, attempts }) => [id, { state, attempts }] as const),
  };
};
