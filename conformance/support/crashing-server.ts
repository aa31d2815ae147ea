import { type ServerProcess, startServerProcess } from './server-process.ts';
import { sendByFetch, type WireAnswer, type WireRequest } from './wire.ts';

/** When the server is killed: as the n-th request is on its way, or as the n-th answer has come. */
export interface KillPoint {
  readonly on: 'request' | 'answer';
  readonly count: number;
}

/** The request was sent again after a crash: whether the first one had been carried out is not known. */
interface Repeated {
  readonly wasRepeated: boolean;
}

export interface SurvivingAnswer extends WireAnswer, Repeated {}

/** A server that is killed without warning while it works, and starts again on the same data. */
export interface CrashingServer {
  readonly process: ServerProcess;
  readonly kills: () => number;
  /** Sends a request; where a crash swallows the answer, the same bytes again after the restart. */
  send(request: WireRequest): Promise<SurvivingAnswer>;
  /** As {@link send}, for a request of another kind. */
  survive<Answer extends object>(request: () => Promise<Answer>): Promise<Answer & Repeated>;
  /** Kills and restarts now. */
  crash(): Promise<void>;
}

/** Starts a server that is killed at each of these points. */
export const startCrashingServer = async (points: readonly KillPoint[]): Promise<CrashingServer> => {
  const process = await startServerProcess();
  const counts = { request: 0, answer: 0 };
  let kills = 0;
  let restarted: Promise<void> = Promise.resolve();

  const crash = (): Promise<void> => {
    kills += 1;
    // After a restart that is under way: one process at a time has the port.
    restarted = restarted.then(() => process.kill()).then(() => process.start());
    return restarted;
  };
  const count = (what: KillPoint['on']): void => {
    counts[what] += 1;
    if (points.some((point) => point.on === what && point.count === counts[what])) void crash();
  };

  const survive: CrashingServer['survive'] = async (request) => {
    let isRepeated = false;
    for (;;) {
      const running = restarted;
      await running;
      if (running !== restarted) continue;
      const killsBefore = kills;
      try {
        const sent = request();
        count('request');
        const answer = await sent;
        count('answer');
        return { ...answer, wasRepeated: isRepeated };
      } catch (error) {
        // Only a crash is an excuse for no answer.
        if (kills === killsBefore) throw error;
        isRepeated = true;
      }
    }
  };

  return { process, kills: () => kills, crash, survive, send: (request) => survive(() => sendByFetch(request)) };
};
