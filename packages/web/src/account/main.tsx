import '../kit/tokens.css';
import '../kit/kit.css';
import { render } from 'preact';
import type { Language } from '../kit/language.ts';
import { languageOfPage, markLanguage, rememberLanguage } from '../kit/page-language.ts';
import { createAccountClient } from './account-client.ts';
import { AccountPage } from './account-page.tsx';
import { loadAccountCatalogue } from './catalogues.ts';

const context = new URL('.', location.href).href;
const client = createAccountClient({ context, fetch: (...given) => fetch(...given) });

const show = async (language: Language): Promise<void> => {
  const texts = await loadAccountCatalogue(language);
  const app = document.getElementById('app');
  if (app === null) return;
  markLanguage(language);
  const choose = (next: Language): void => {
    rememberLanguage(next, context);
    // Without its texts a language is not chosen: the list shows again what the page is in.
    show(next).catch(() => void show(language));
  };
  render(<AccountPage client={client} texts={texts} languages={{ language, choose }} />, app);
};
show(languageOfPage()).catch(() => void show('en'));
