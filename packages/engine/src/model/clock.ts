import { port } from './port.ts';

export interface Clock {
  /** Milliseconds since the epoch, by the server's own clock. */
  now(): number;
}

export const clock = port<Clock>()('clock', 'reads');
