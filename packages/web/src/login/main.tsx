import '../kit/tokens.css';
import '../kit/kit.css';
import './login.css';
import { render } from 'preact';
import { wearColour } from '../kit/brand-sheet.ts';
import { type Language, languageOfCookies } from '../kit/language.ts';
import { languageOfPage, markLanguage, rememberLanguage } from '../kit/page-language.ts';
import { loadCatalogue } from './catalogues.ts';
import { createJourney, type JourneyMemory, type Timers } from './journey.ts';
import { createJourneyClient } from './journey-client.ts';
import { LoginPage } from './login-page.tsx';
import { readPageAddress } from './page-address.ts';
import { readRealmPage } from './realm-page.ts';
import { speak } from './say.ts';
import { loadLaterScreens } from './screens/later.tsx';

/** The composition of the login page: the one place that takes time, chance, storage and network from the browser. */
const address = readPageAddress(location.href);
const listeners = new Set<() => void>();

/** Choosing a language changes the address and not the journey. */
const placeWithoutLanguage = (search: string): string => {
  const query = new URLSearchParams(search);
  query.delete('locale');
  return query.toString();
};

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
}))(`assent-journey ${location.pathname} ${placeWithoutLanguage(location.search)}`);

const timers: Timers = {
  now: () => performance.now(),
  chance: Math.random,
  after: (delay, action) => {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

let language = languageOfPage();
/** What the server is told: the address's own wish as it stands, which may name a language that only an operator has. */
let wish: string | undefined = address.start.get('locale') ?? languageOfCookies(document.cookie);
const redraw = (): void => {
  for (const listener of listeners) listener();
};

const journey = createJourney({
  client: createJourneyClient({ address, locale: () => wish, fetch: (...given) => fetch(...given) }),
  memory,
  timers,
  isOnline: () => navigator.onLine,
  onChange: redraw,
});

const chooseLanguage = async (next: Language): Promise<void> => {
  const catalogue = await loadCatalogue(next).catch(() => undefined);
  if (catalogue !== undefined) {
    speak(catalogue);
    markLanguage(next);
    language = next;
    wish = next;
    rememberLanguage(next, address.context);
    journey.reword();
  }
  // Without its texts a language is not chosen: the list then shows again what the page is in.
  redraw();
};

const show = async (): Promise<void> => {
  const [catalogue, realmPage] = await Promise.all([
    loadCatalogue(language).catch(() => {
      language = 'en';
      return loadCatalogue('en');
    }),
    // Before the first paint: nobody sees our colours turn into those of the realm.
    readRealmPage(address, (...given) => fetch(...given)),
  ]);
  speak(catalogue);
  if (realmPage.colour !== undefined) wearColour(realmPage.colour);
  markLanguage(language);
  const app = document.getElementById('app');
  if (app === null) return;
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  render(
    <LoginPage
      journey={journey}
      address={address}
      realmPage={realmPage}
      language={() => language}
      chooseLanguage={(next) => void chooseLanguage(next)}
      subscribe={subscribe}
    />,
    app,
  );
  // After the first paint; a screen that is needed sooner asks for itself.
  setTimeout(() => void loadLaterScreens().catch(() => undefined), 200);
};
void show();

addEventListener('online', journey.nudge);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') journey.nudge();
});
// A page that leaves loses its stream, and would poll once more: an answer that nobody sees any more uses up the authId.
addEventListener('pagehide', journey.close);
addEventListener('pageshow', (event) => {
  // Out of the browser's page cache: what is on the screen may be long over, so the server is asked.
  if (event.persisted) journey.open();
});
journey.open();
