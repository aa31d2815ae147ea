import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

/** The server's time for every screen. */
export const ServerTime = createContext<() => number>(() => 0);

/** The time, and a new look each second while `isRunning`. */
export const useNow = (isRunning = true): number => {
  const now = useContext(ServerTime);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now();
};
