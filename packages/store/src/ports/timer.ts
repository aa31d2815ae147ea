import type { Timer } from '@assent/engine/host';

/** The timer of this machine. It keeps no process alive. */
export const after: Timer = (millis, action) => {
  const timer = setTimeout(action, millis).unref();
  return () => clearTimeout(timer);
};
