import type { FaultSession } from '../fault-session.ts';
import type { FaultPoint } from '../servers/instance.ts';
import { type Effort, expectThat, type Fault, type Seen } from './fault.ts';

/** A point that a killed instance dies at, and which persona comes by there. */
interface KillPoint extends Omit<FaultPoint, 'action'> {
  readonly by: string;
}

const around = (point: Omit<KillPoint, 'when'>): readonly KillPoint[] => [
  { ...point, when: 'before' },
  { ...point, when: 'after' },
];

interface Kills {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly points: readonly KillPoint[];
}

const KILLS: readonly Kills[] = [
  {
    id: 'F01',
    title: 'kill around the first step of a journey',
    expected: 'asked again, it begins once',
    points: around({ change: 'journey.insert', beside: 'throttle.unlocked', by: 'number' }),
  },
  {
    id: 'F02',
    title: 'kill around a password that was right',
    expected: 'one session or none, and one way on',
    points: around({ change: 'session.insert', beside: 'journey.insert', by: 'password' }),
  },
  {
    id: 'F03',
    title: 'kill before a request for the phone is kept',
    expected: 'no prompt without a row',
    points: [{ change: 'push.open', of: 'AUTHENTICATE', when: 'before', by: 'approve' }],
  },
  {
    id: 'F04',
    title: 'kill between the request and its provider',
    expected: 'sent after the restart, one prompt',
    points: [{ change: 'push.open', of: 'AUTHENTICATE', when: 'after', by: 'official app' }],
  },
  {
    id: 'F05',
    title: 'kill after the provider took it, before that is kept',
    expected: 'sent once more under one id',
    points: [{ change: 'push.delivery', when: 'before', by: 'official app' }],
  },
  {
    id: 'F06',
    title: 'kill around a step of a journey',
    expected: 'this step or the next, none left out',
    points: around({ change: 'journey.advance', by: 'recovery code' }),
  },
  {
    id: 'F07',
    title: 'kill before the answer of a phone is kept',
    expected: 'asked again, accepted once',
    points: [{ change: 'push.answer', of: 'AUTHENTICATE', when: 'before', by: 'number' }],
  },
  {
    id: 'F08',
    title: 'kill after it was kept, before the phone is told',
    expected: 'asked again, 200; the page goes on',
    points: [{ change: 'push.answer', of: 'AUTHENTICATE', when: 'after', by: 'number' }],
  },
  {
    id: 'F09',
    title: 'kill around a sign-in by phone',
    expected: 'good still, or one session; denied stays denied',
    points: [
      { change: 'push.consume', beside: 'session.insert', when: 'before', by: 'approve' },
      ...around({ change: 'push.consume', beside: 'push.closeJourney', by: 'deny' }),
    ],
  },
  {
    id: 'F10',
    title: 'kill before the browser is told of its session, or the application of its tokens',
    expected: 'never twice; whoever is told nothing begins again',
    points: [
      { change: 'push.consume', beside: 'session.insert', when: 'after', by: 'approve' },
      ...around({ change: 'grant.redeem', by: 'application' }),
    ],
  },
  {
    id: 'F11',
    title: 'kill around a setup code',
    expected: 'no code is shown that is not kept',
    points: around({ change: 'push.open', of: 'REGISTER', by: 'registration' }),
  },
  {
    id: 'F12',
    title: 'kill around the answer to a setup code',
    expected: 'asked again, connected once',
    points: around({ change: 'push.answer', of: 'REGISTER', by: 'registration' }),
  },
  {
    id: 'F14',
    title: 'kill before phone and codes are kept',
    expected: 'all or nothing',
    points: [{ change: 'codes.replace', when: 'before', by: 'registration' }],
  },
  {
    id: 'F15',
    title: 'kill before the codes are shown',
    expected: 'the same codes, or others in their place',
    points: [{ change: 'codes.replace', when: 'after', by: 'registration' }],
  },
  {
    id: 'F16',
    title: 'kill around the use of a recovery code',
    expected: 'untouched, or used with its session',
    points: around({ change: 'code.use', by: 'recovery code' }),
  },
];

/** The part of all kills that are at points; the others come when they come. */
const AT_POINTS = 0.6;

/**
 * The points of a session: each as often as the others, and drawn where there are fewer kills than points. What is drawn depends on the
 * seed alone, so that a fault which is repeated on its own has the points that it had.
 */
const pointsOf = (id: string, seed: number, kills: number): readonly KillPoint[] => {
  const all = KILLS.flatMap((it) => it.points.map((point) => ({ id: it.id, point })));
  const count = Math.round(kills * AT_POINTS);
  // 7 has no factor in common with the number of points, so the draw comes to each of them.
  const drawn = Array.from({ length: count }, (_, at) => all[(seed * 5 + at * 7) % all.length]);
  return drawn.flatMap((it) => (it?.id === id ? it.point : []));
};

const KILL_POINTS = KILLS.flatMap(({ points }) => points).length;

const killAtAll = async (session: FaultSession, points: readonly KillPoint[]): Promise<Seen> => {
  for (const { by, ...point } of points) {
    const isKilled = await session.killAt(point, by);
    expectThat(isKilled, `nobody came to ${point.change}`);
  }
  return `${points.length} kills, each got on`;
};

export const killFaults: readonly Fault[] = KILLS.map(({ id, title, expected }) => ({
  id,
  title,
  expected,
  skipped: (seed, { kills }) =>
    pointsOf(id, seed, kills).length > 0
      ? undefined
      : `with so few kills none was drawn; there are ${KILL_POINTS} points`,
  inject: (session: FaultSession, { kills }: Effort) => killAtAll(session, pointsOf(id, session.seed, kills)),
}));

/** A sweep comes every 30 s, so its kills are not among those that are drawn. */
export const sweepFault: Fault = {
  id: 'F17',
  title: 'kill around a sweep (migrations: tests of the store)',
  expected: 'goes on where it stopped',
  async inject(session, { time }) {
    const sides = (['before', 'after'] as const).slice(0, time < 0.5 ? 1 : 2);
    for (const when of sides) {
      expectThat(await session.killAt({ change: 'sweep', when }, undefined, 45_000), 'nothing was swept');
    }
    return `${sides.length} kills, swept again`;
  },
};
