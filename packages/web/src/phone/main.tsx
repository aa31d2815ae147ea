import '../kit/tokens.css';
import '../kit/kit.css';
import './phone.css';
import { render } from 'preact';
import { type Language, timeLocaleOf } from '../kit/language/language.ts';
import { languageOfPage, markLanguage, rememberLanguage } from '../kit/language/page-language.ts';
import { indexedDbStore } from './accounts/indexed-db-store.ts';
import { browserRinger } from './browser/browser-ringer.ts';
import { browserVerifier } from './browser/browser-verifier.ts';
import { isIosTab, onInstallable } from './browser/installation.ts';
import { closeNotice, onDelivered, startWorker } from './browser/worker-client.ts';
import { createPhone } from './model/phone.ts';
import { PhonePage, type Surroundings } from './phone-page.tsx';
import type { Obstacle } from './screens/obstacle-screen.tsx';
import { createServerClock } from './server/server-clock.ts';
import { sleep } from './server/sleep.ts';
import { loadPhoneCatalogue } from './texts/catalogues.ts';
import { say, speak } from './texts/say.ts';

/** The composition of the phone: the one place that takes time, chance, storage and network from the browser. */
const context = new URL('..', location.href).href;
const listeners = new Set<() => void>();
const rerender = (): void => {
  document.documentElement.dataset.theme = phone.view().settings.theme;
  for (const listener of listeners) listener();
};

const isSafe = isSecureContext && crypto.subtle !== undefined;
let obstacle: Obstacle | undefined = isSafe ? undefined : 'insecure';
let isFragile = false;
let install: (() => void) | undefined;

const clock = createServerClock(() => Date.now());
const store = indexedDbStore(indexedDB);
const registration = isSafe ? startWorker() : Promise.resolve(undefined);
const serverKey = async (): Promise<string | undefined> => {
  const response = await fetch('application-server-key', { credentials: 'omit', redirect: 'error' });
  const body: unknown = response.ok ? await response.json() : undefined;
  const key = typeof body === 'object' && body !== null && 'key' in body ? body.key : undefined;
  return typeof key === 'string' ? key : undefined;
};
const phone = createPhone({
  io: {
    fetch: (...given) => fetch(...given),
    clock,
    newId: () => crypto.randomUUID(),
    chance: Math.random,
    sleep,
  },
  store,
  ringer: browserRinger({ registration, serverKey }),
  verifier: browserVerifier(),
  after: (millis, action) => {
    const timer = setTimeout(action, millis);
    return () => clearTimeout(timer);
  },
  isVisible: () => document.visibilityState === 'visible',
  quiet: (messageId) => void registration.then((worker) => closeNotice(worker, messageId)),
  onChange: rerender,
});

const checkFragility = async (): Promise<void> => {
  isFragile = phone.view().accounts.length > 0 && !(await navigator.storage.persisted());
  rerender();
};
const surroundings = (): Surroundings => ({
  obstacle,
  isIosTab: isIosTab(),
  isFragile,
  install: install === undefined ? undefined : () => install?.(),
  takeOver: () => void answerHere({ steal: true }),
  onConnected: () => void navigator.storage.persist().then(checkFragility, () => undefined),
});

/** One tab answers at a time; the others wait for their turn, or take it. @see ux.md §3.4 */
const answerHere = async (how: { readonly steal?: true }): Promise<void> => {
  const turn = async (): Promise<never> => {
    obstacle = undefined;
    try {
      await phone.start();
      await checkFragility();
    } catch {
      obstacle = 'no-storage';
      rerender();
    }
    return new Promise(() => undefined);
  };
  try {
    await navigator.locks.request('assent-phone', how, turn);
  } catch {
    // Another tab has taken the turn.
    phone.stop();
    obstacle = 'other-tab';
    rerender();
    void answerHere({});
  }
};
const begin = async (): Promise<void> => {
  const { held = [] } = await navigator.locks.query();
  if (held.some(({ name }) => name === 'assent-phone')) {
    obstacle = 'other-tab';
    rerender();
  }
  await answerHere({});
};

const show = async (language: Language): Promise<void> => {
  const texts = await loadPhoneCatalogue(language);
  const app = document.getElementById('app');
  if (app === null) return;
  speak(texts, timeLocaleOf(language, navigator.languages));
  markLanguage(language);
  const choose = (next: Language): void => {
    rememberLanguage(next, context);
    // Without its texts a language is not chosen: the list shows again what the page is in.
    show(next).catch(() => void show(language));
  };
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  render(
    <PhonePage
      key={language}
      phone={phone}
      serverNow={clock.now}
      subscribe={subscribe}
      surroundings={surroundings}
      languages={() => ({ language, label: say('language'), choose })}
    />,
    app,
  );
  if (phone.view().settings.language !== language) await phone.changeSettings({ language });
};

addEventListener('online', phone.nudge);
addEventListener('pagehide', phone.desk.leave);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') phone.nudge();
});
onInstallable((ask) => {
  install = ask;
  rerender();
});
onDelivered((message) => void phone.receive(message));

const language = languageOfPage();
void show(language)
  .catch(() => show('en'))
  .then(() => (isSafe ? begin() : undefined));
