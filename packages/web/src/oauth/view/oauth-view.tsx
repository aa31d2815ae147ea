import type { CreateOAuthView, OAuthScreen } from '@assent/wire';
import { renderToString } from 'preact-render-to-string';
import { brandSheet } from '../../kit/brand/brand-sheet.ts';
import { realmName } from '../../kit/browser/realm-path.ts';
import { escapedText, headingOf } from '../../kit/html/page-head.ts';
import {
  chooseLanguage,
  cookieOfLanguage,
  isLanguage,
  type Language,
  languageOfCookies,
} from '../../kit/language/language.ts';
import { PageFrame } from '../../kit/parts/page-frame.tsx';
import { AnyScreen } from '../screens/any-screen.tsx';
import { LanguageForm, languageForm } from '../screens/fields.tsx';
import { allOAuthTexts } from '../texts/all-texts.ts';
import { type Say, sayIn } from '../texts/say.ts';
import { oauthTemplate } from './oauth-html.ts';

/** The pages of the provider as the server renders them: one screen in the frame of the realm, and no script that anything needs. */
export const createOAuthView: CreateOAuthView = (template) => {
  const fill = oauthTemplate(template);
  return {
    render({ context, realm, appearance, cookies, languages, chosen, locale, nonce, reference, screenIn }) {
      const own = chosen !== undefined && isLanguage(chosen) ? chosen : undefined;
      const language = chooseLanguage({
        parameter: own ?? locale,
        cookie: languageOfCookies(cookies),
        browser: languages,
        realm: appearance.locale,
      });
      const say = sayIn(allOAuthTexts[language]);
      const folder = new URL(context).pathname;
      const name = appearance.name ?? realmName(realm);
      const screen = screenIn(language);
      const fields = fieldsOf(screen);
      const { logo } = appearance;
      const rendered = renderToString(
        <PageFrame
          name={name}
          logo={logo && { ...logo, src: `${folder}${logo.src}` }}
          languages={fields && languageChoice(language, say)}
        >
          <AnyScreen screen={screen} say={say} folder={folder} realm={realm} realmName={name} reference={reference} />
          {fields === undefined ? null : <LanguageForm fields={fields} />}
        </PageFrame>,
      );
      const html = fill({
        language,
        title: titleOf(screen, say, headingOf(rendered), escapedText(name)),
        theme: appearance.colour === undefined ? '' : brandSheet(appearance.colour),
        nonce,
        folder,
        screen: rendered,
        hasScript: screen.kind === 'formPost',
      });
      return { html, cookies: own === undefined ? [] : [cookieOfLanguage(own, context)] };
    },
  };
};

/** What brings the page again, in another language; undefined for one that nothing brings again. */
const fieldsOf = (screen: OAuthScreen): Readonly<Record<string, string>> | undefined => {
  switch (screen.kind) {
    case 'consent':
    case 'signOut':
    case 'deviceConsent':
      return screen.fields;
    case 'deviceCode':
      return {};
    default:
      return undefined;
  }
};

const languageChoice = (language: Language, say: Say) => ({
  language,
  label: say('language'),
  choose: () => {},
  posts: { form: languageForm, label: say('apply'), isOnlyWay: true },
});

/** As HTML; the names are HTML already. */
const titleOf = (screen: OAuthScreen, say: Say, heading: string, realm: string): string => {
  const isProblem = screen.kind === 'error' || (screen.kind === 'deviceCode' && screen.problem !== undefined);
  return say(isProblem ? 'titleError' : 'titleScreen', { screen: heading, realm });
};
