import type { CreateLoginView, LoginVisit } from '@assent/wire';
import { renderToString } from 'preact-render-to-string';
import { brandSheet } from '../../kit/brand-sheet.ts';
import { chooseLanguage, languageOfCookies } from '../../kit/language.ts';
import { createJourney, type Journey, type JourneyMemory, type PageState, type Timers } from '../journey.ts';
import { createJourneyClient } from '../journey-client.ts';
import { LoginPage } from '../login-page.tsx';
import { readPageAddress } from '../page-address.ts';
import { writePageData } from '../page-data.ts';
import { titleOf } from '../page-title.ts';
import { realmPageOf } from '../realm-page.ts';
import { speak } from '../say.ts';
import { loadLaterScreens } from '../screens/later.tsx';
import { isUnderWay } from '../under-way.ts';
import { allTexts } from './all-texts.ts';
import { pageTemplate } from './page-html.ts';

/** A page that is drawn once waits for nothing and keeps nothing. */
const noMemory: JourneyMemory = { read: () => undefined, write: () => {}, clear: () => {} };
const noTimers: Timers = { now: () => performance.now(), chance: Math.random, after: () => () => {} };

/**
 * The login page as the server draws it: the same state machine, client and screens as in the browser, with the server's own
 * API handed in where a browser has its network (ux.md §0.2, §2.9).
 */
export const createLoginView: CreateLoginView = (template) => {
  const fill = pageTemplate(template);
  const screensAreThere = loadLaterScreens();
  return {
    async draw(visit) {
      await screensAreThere;
      const address = readPageAddress(visit.href);
      const look = visit.lookOf(address.realm);
      const realm = realmPageOf(address, look, visit.hasPhone);
      const parameter = address.start.get('locale') ?? undefined;
      const cookie = languageOfCookies(visit.cookies);
      const language = chooseLanguage({ parameter, cookie, browser: visit.languages, realm: look.locale });
      const journey = await opened(visit, parameter ?? cookie);

      // From here to the end in one go: the language is the page's own.
      const texts = allTexts[language];
      speak(language, texts);
      const screen = renderToString(
        <LoginPage
          journey={journey}
          address={address}
          realmPage={realm}
          language={() => language}
          chooseLanguage={() => {}}
          subscribe={() => () => {}}
        />,
      );
      const [state, connection] = [journey.state(), journey.connection()];
      const isDrawn = state.kind !== 'loading' || connection.kind !== 'fine';
      return {
        status: statusOf(state, connection.kind === 'busy'),
        html: fill({
          language,
          title: titleOf(state, { screen: headingOf(screen), realm: escaped(realm.name) }),
          theme: look.colour === undefined ? '' : brandSheet(look.colour),
          nonce: visit.nonce,
          screen,
          data: writePageData({ language, texts, realm, ...(isDrawn && { drawn: { state, connection } }) }),
        }),
      };
    },
  };
};

/** A journey with the answer to its start; still without one where a tab of the browser goes on with its own. */
const opened = async (visit: LoginVisit, locale: string | undefined): Promise<Journey> => {
  let onChange = (): void => {};
  let onRefused = (): void => {};
  const address = readPageAddress(visit.href);
  const journey = createJourney({
    client: createJourneyClient({ address, locale: () => locale, fetch: fetchOf(visit, () => onRefused()) }),
    memory: noMemory,
    timers: noTimers,
    isOnline: () => true,
    onChange: () => onChange(),
  });
  if (!isUnderWay(visit.cookies)) {
    await new Promise<void>((resolve) => {
      onChange = () => isAtRest(journey) && resolve();
      onRefused = resolve;
      journey.open();
    });
  }
  return journey;
};

const isAtRest = (journey: Journey): boolean => {
  const state = journey.state();
  return journey.connection().kind !== 'fine' || !(state.kind === 'loading' || (state.kind === 'step' && state.busy));
};

/** The server's API in the place of a network. A call that is refused to somebody who only looks is never answered. */
const fetchOf =
  (visit: LoginVisit, onRefused: () => void): typeof globalThis.fetch =>
  async (url, init) => {
    const reply = await visit.call({ url: String(url), body: String(init?.body ?? '') });
    if (reply !== undefined) return new Response(reply.body, { status: reply.status, headers: reply.headers });
    onRefused();
    return new Promise<never>(() => {});
  };

const statusOf = (state: PageState, isBusy: boolean): number => {
  if (isBusy) return 503;
  if (state.kind !== 'end') return 200;
  return state.end === 'no-journey' ? 404 : state.end === 'fault' ? 500 : 200;
};

/** The words of the heading, still as HTML. */
const headingOf = (screen: string): string =>
  (/<h1\b[^>]*>([\s\S]*?)<\/h1>/.exec(screen)?.[1] ?? '').replace(/<[^>]*>/g, '');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
