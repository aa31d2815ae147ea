import '../kit/tokens.css';
import '../kit/kit.css';
import './login.css';
import { render } from 'preact';
import { createJourney, type JourneyMemory, type Timers } from './journey.ts';
import { createJourneyClient } from './journey-client.ts';
import { LoginPage } from './login-page.tsx';
import { readPageAddress } from './page-address.ts';

/** The composition of the login page: the one place that takes time, chance, storage and network from the browser. */
const address = readPageAddress(location.href);
const listeners = new Set<() => void>();

/** A journey belongs to the tab and to what its address asked for. */
const memory = ((key: string): JourneyMemory => ({
  read: () => {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null');
      if (typeof kept !== 'object' || kept === null || !('authId' in kept) || typeof kept.authId !== 'string')
        return undefined;
      return { authId: kept.authId, first: 'first' in kept && kept.first === true };
    } catch {
      return undefined;
    }
  },
  write: (kept) => {
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
    } catch {
      // Without storage a reload starts anew; nothing else is lost.
    }
  },
  clear: () => {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // As above.
    }
  },
}))(`assent-journey ${location.pathname}${location.search}`);

const timers: Timers = {
  now: () => performance.now(),
  chance: Math.random,
  after: (delay, action) => {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

const journey = createJourney({
  client: createJourneyClient({ address, fetch: (...given) => fetch(...given) }),
  memory,
  timers,
  isOnline: () => navigator.onLine,
  onChange: () => {
    for (const listener of listeners) listener();
  },
});

const app = document.getElementById('app');
if (app !== null) {
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  render(<LoginPage journey={journey} address={address} subscribe={subscribe} />, app);
}

addEventListener('online', journey.nudge);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') journey.nudge();
});
addEventListener('pageshow', (event) => {
  // Out of the browser's page cache: what is on the screen may be long over, so the server is asked.
  if (event.persisted) journey.open();
});
journey.open();
