import type { Clock } from '@assent/engine';

/** Tells those who run the server that a provider refuses what a realm has set, and so rings nobody. */
export type RealmAlarm = (fault: {
  /** The setting to look at; absent where none of them need be wrong. */
  readonly setting?: string;
  readonly cause: string;
}) => void;

const AGAIN_AFTER_MILLIS = 60_000;

/** Says the same of a setting once a minute at most: every message of the realm would say it. */
export const oncePerMinute = (alarm: RealmAlarm, clock: Clock): RealmAlarm => {
  const saidAt = new Map<string | undefined, number>();
  return (fault) => {
    const now = clock.now();
    const said = saidAt.get(fault.setting);
    if (said !== undefined && now >= said && now - said < AGAIN_AFTER_MILLIS) return;
    saidAt.set(fault.setting, now);
    alarm(fault);
  };
};
