import { port } from '@assent/engine';

/** Figures that the author of a journey asked for, by a name of the author's. They count what was committed, once. */
export interface JourneyMetrics {
  count(name: string): void;
  /** How long something took, in milliseconds. */
  time(name: string, millis: number): void;
}

export const journeyMetrics = port<JourneyMetrics>()('journeyMetrics', 'stages');
