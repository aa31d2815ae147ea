import '../kit/tokens.css';
import '../kit/kit.css';
import './login.css';
import { hydrate, render } from 'preact';
import { type Language, languageOfCookies } from '../kit/language/language.ts';
import { markLanguage, rememberLanguage } from '../kit/language/page-language.ts';
import { readPageAddress, withoutFragment } from './address/page-address.ts';
import { createJourney, type JourneyMemory } from './journey/journey.ts';
import { createJourneyClient } from './journey/journey-client.ts';
import type { PageState } from './journey/page-state.ts';
import type { Timers } from './journey/timers.ts';
import { LoginPage } from './page/login-page.tsx';
import { pageDataId, readPageData } from './page/page-data.ts';
import { cookieOfUnderWay } from './page/under-way.ts';
import { pageCapabilities } from './passkeys/page-capabilities.ts';
import { laterScreens } from './screens/later-screens.ts';
import { passkeyScreens } from './screens/passkey-screens.ts';
import { loadCatalogue } from './texts/catalogues.ts';
import { speak } from './texts/say.ts';

/** The composition of the login page: the one place that takes time, chance, storage and network from the browser. */
const address = readPageAddress(location.href);
const {
  texts,
  realm,
  rendered,
  isAnswer = false,
  ...page
} = readPageData(document.getElementById(pageDataId)?.textContent ?? '');
const listeners = new Set<() => void>();

/** Choosing a language changes the address and not the journey. */
const placeWithoutLanguage = (search: string): string => {
  const query = new URLSearchParams(search);
  query.delete('locale');
  return query.toString();
};

/** Tells the server whether a reload will go on with a journey of this tab. */
const tellUnderWay = (underWay: boolean): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing from browsers that we support.
  document.cookie = cookieOfUnderWay(underWay, address);
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
      tellUnderWay(!kept.first);
    } catch {
      // Without storage a reload starts anew; nothing else is lost.
    }
  },
  clear: () => {
    tellUnderWay(false);
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

let { language } = page;
speak(language, texts);
/** What the server is told: what the address asks for, as it stands, which may name a language that only an operator has. */
let requestedLocale: string | undefined = address.start.get('locale') ?? languageOfCookies(document.cookie);
/** Known by the time that somebody has typed a name and a password. */
let capabilities: readonly string[] = [];
void pageCapabilities().then((known) => {
  capabilities = known;
});
const rerender = (): void => {
  for (const listener of listeners) listener();
};

const journey = createJourney({
  client: createJourneyClient({
    address,
    locale: () => requestedLocale,
    capabilities: () => capabilities,
    fetch: (...given) => fetch(...given),
  }),
  memory,
  timers,
  isOnline: () => navigator.onLine,
  onChange: rerender,
  loginHint: address.loginHint,
  followsGoto: address.start.has('goto'),
});

const chooseLanguage = async (next: Language): Promise<void> => {
  const catalogue = await loadCatalogue(next).catch(() => undefined);
  if (catalogue !== undefined) {
    speak(next, catalogue);
    markLanguage(next);
    language = next;
    requestedLocale = next;
    rememberLanguage(next, address.context);
    journey.reword();
  }
  // Without its texts a language is not chosen: the list then shows again what the page is in.
  rerender();
};

/** What came with the page is painted before the script has its turn. A page in the background is not painted, and goes on. */
const painted = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });

/** What the server has rendered by them is taken over in one piece. */
const loadScreensOf = async (state: PageState): Promise<void> => {
  const isPlain = state.kind === 'step' && state.screen.kind === 'credentials';
  const hasPasskey = state.kind === 'step' && state.step.passkey !== undefined;
  await Promise.allSettled([!isPlain && laterScreens.load(), hasPasskey && passkeyScreens.load()]);
};

/** Takes over what the server has rendered; where this tab goes on with a journey of its own, that is rendered instead. */
const show = async (app: HTMLElement): Promise<void> => {
  const kept = memory.read();
  // A first step that was left as it came is as good as any other.
  const isOwn = kept !== undefined && !isAnswer && !(kept.first && rendered !== undefined);
  const { state } = rendered ?? {};
  if (state !== undefined && !isOwn) await loadScreensOf(state);
  if (rendered === undefined || isOwn) {
    if (!isOwn) tellUnderWay(false);
    journey.open();
  } else {
    await painted();
    journey.takeUp(rendered);
  }
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const content = (
    <LoginPage
      journey={journey}
      address={address}
      realmPage={realm}
      language={() => language}
      chooseLanguage={(next) => void chooseLanguage(next)}
      subscribe={subscribe}
    />
  );
  if (rendered !== undefined && isOwn) {
    app.replaceChildren();
    render(content, app);
  } else hydrate(content, app);
  // After the first paint; a screen that is needed sooner asks for itself.
  setTimeout(() => void laterScreens.load().catch(() => undefined), 200);
};

// What stands behind `#` the server does not see: with it in the query it does, and renders the step that was asked for.
const complete = withoutFragment(location.href);
const app = document.getElementById('app');
if (complete !== undefined) location.replace(complete);
else if (app !== null) void show(app);

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
