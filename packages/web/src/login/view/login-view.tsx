import type { CreateLoginView, HeldLogin } from '@assent/wire';
import { renderToString } from 'preact-render-to-string';
import { brandSheet } from '../../kit/brand/brand-sheet.ts';
import { escapedText, headingOf } from '../../kit/html/page-head.ts';
import { chooseLanguage, cookieOfLanguage, type Language, languageOfCookies } from '../../kit/language/language.ts';
import { readPageAddress } from '../address/page-address.ts';
import { type RealmPage, realmPageOf } from '../address/realm-page.ts';
import type { PageState } from '../journey/page-state.ts';
import { LoginPage } from '../page/login-page.tsx';
import { writePageData } from '../page/page-data.ts';
import { titleOf } from '../page/page-title.ts';
import { isUnderWay } from '../page/under-way.ts';
import { laterScreens } from '../screens/later-screens.ts';
import { passkeyScreens } from '../screens/passkey-screens.ts';
import type { PostedStep } from '../step/posted-step.tsx';
import { pollDelayOf } from '../step/screen-of-step.ts';
import { speak } from '../texts/say.ts';
import { allTexts } from './all-texts.ts';
import { HeldEnd } from './held-end.tsx';
import { loginTemplate } from './page-html.ts';
import { readPostedForm } from './posted-form.ts';
import { RenderedJourney } from './rendered-journey.ts';

/**
 * The login page as the server renders it: the same state machine, client and screens as in the browser, with the server's own
 * API handed in where a browser has its network (ux.md §0.2, §2.9).
 */
export const createLoginView: CreateLoginView = (template) => {
  const fill = loginTemplate(template);
  const screensAreThere = Promise.all([laterScreens.load(), passkeyScreens.load()]);
  return {
    async render(visit) {
      await screensAreThere;
      const form = visit.form === undefined ? undefined : readPostedForm(visit.form, visit.steps.open);
      if (form?.kind === 'refused') return { status: 400, refusal: form.reason };
      const address = readPageAddress(visit.href);
      const look = visit.appearanceOf(address.realm);
      const realm = realmPageOf(address, look, visit.hasPhone);
      const cookie = languageOfCookies(visit.cookies);
      // What is chosen on the page goes before what its address says, as it does where a script runs.
      const chosen = form?.language ?? form?.from?.language;
      const parameter = chosen ?? address.start.get('locale') ?? undefined;
      const language = chooseLanguage({ parameter, cookie, browser: visit.languages, realm: look.locale });
      speak(language, allTexts[language]);
      const journey = new RenderedJourney(visit, address, parameter ?? cookie);
      if (form !== undefined) await journey.answer(form, visit.form ?? {});
      else if (!isUnderWay(visit.cookies)) await journey.open();
      const [state, connection] = [journey.it.state(), journey.it.connection()];
      const qr =
        state.kind === 'step' && state.screen.kind === 'setup' ? await visit.renderQr(state.screen.uri) : undefined;

      const seal = (step: PostedStep): string => visit.steps.seal(JSON.stringify(step));

      // From here to the end in one go: the language is the page's own.
      const texts = allTexts[language];
      speak(language, texts);
      const screen = renderToString(
        <LoginPage
          journey={journey.it}
          address={address}
          realmPage={realm}
          language={() => language}
          chooseLanguage={() => {}}
          subscribe={() => () => {}}
          onServer={{ qr, language: chosen, seal }}
        />,
      );
      const isRendered = state.kind !== 'loading' || connection.kind !== 'fine';
      const username = journey.it.username();
      const { page, end } = fill({
        language,
        title: titleOf(state, { screen: headingOf(screen), realm: escapedText(realm.name) }),
        theme: look.colour === undefined ? '' : brandSheet(look.colour),
        nonce: visit.nonce,
        screen,
        data: writePageData({
          language,
          texts,
          realm,
          ...(form !== undefined && { isAnswer: true }),
          ...(isRendered && { rendered: { state, connection, username } }),
        }),
      });
      return {
        status: statusOf(state, connection.kind === 'busy', journey.lastStatus),
        ...(form?.language !== undefined && { cookies: [cookieOfLanguage(form.language, address.context)] }),
        html: page,
        end,
        ...(form !== undefined && heldAt(state, { realm, language, username, chosen, seal })),
      };
    },
  };
};

/** What the end of a held page has in common with the page. */
interface HeldPage {
  readonly realm: RealmPage;
  readonly language: Language;
  readonly username: string;
  /** The language that was chosen by a form. */
  readonly chosen: Language | undefined;
  seal(step: PostedStep): string;
}

/** A page without a script waits for the phone by the end of its answer. */
const heldAt = (state: PageState, { chosen, username, seal, ...page }: HeldPage): { readonly held?: HeldLogin } => {
  if (state.kind !== 'step' || state.ranOut || state.step.phone === undefined) return {};
  if (pollDelayOf(state.step) === undefined) return {};
  const posted = seal({ step: state.step, first: state.first, username, language: chosen });
  const closing = (news: keyof HeldLogin['closings']) =>
    renderToString(<HeldEnd news={news} isSetup={state.screen.kind === 'setup'} posted={posted} {...page} />);
  const closings = { ready: closing('ready'), expired: closing('expired'), withdrawn: closing('withdrawn') };
  return { held: { authId: state.step.authId, closings } };
};

/** What was refused as a bad request is the sender's fault and not the server's. */
const statusOf = (state: PageState, isBusy: boolean, lastStatus: number): number => {
  if (isBusy) return 503;
  if (state.kind !== 'end') return 200;
  if (state.end === 'fault') return lastStatus >= 400 && lastStatus < 500 ? 400 : 500;
  return state.end === 'no-journey' ? 404 : 200;
};
