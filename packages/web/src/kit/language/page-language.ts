import { chooseLanguage, cookieOfLanguage, directionOf, type Language, languageOfCookies } from './language.ts';

/** The language of this page, by its address, its cookie and its browser. */
export const languageOfPage = (): Language =>
  chooseLanguage({
    parameter: new URL(location.href).searchParams.get('locale') ?? undefined,
    cookie: languageOfCookies(document.cookie),
    browser: navigator.languages,
  });

/** Tells the document what it is written in; before any text is painted. */
export const markLanguage = (language: Language): void => {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
};

/** Remembers a choice. An address that asked for a language asks for the new one, so that a reload does not undo the choice. */
export const rememberLanguage = (language: Language, context: string): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing from browsers that we support.
  document.cookie = cookieOfLanguage(language, context);
  const address = new URL(location.href);
  if (!address.searchParams.has('locale')) return;
  address.searchParams.set('locale', language);
  history.replaceState(history.state, '', address);
};
