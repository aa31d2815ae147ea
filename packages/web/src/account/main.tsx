import '../kit/tokens.css';
import '../kit/kit.css';
import './account.css';
import { render } from 'preact';
import type { Language } from '../kit/language/language.ts';
import { languageOfPage, markLanguage, rememberLanguage } from '../kit/language/page-language.ts';
import { createAccountClient } from './account-client.ts';
import { AccountPage } from './account-page.tsx';
import { readIntention } from './step-up.ts';
import { loadAccountCatalogue } from './texts/catalogues.ts';

const context = new URL('.', location.href).href;
// Taken up once: a reload or the way back does not ask again.
const intention = readIntention(location.href);
if (intention !== undefined) {
  const address = new URL(location.href);
  address.searchParams.delete('do');
  address.searchParams.delete('device');
  history.replaceState(history.state, '', address);
}
const client = createAccountClient({
  context,
  fetch: (...given) => fetch(...given),
  language: () => document.documentElement.lang,
});

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
  const page = (
    <AccountPage
      client={client}
      texts={texts}
      languages={{ language, choose }}
      context={context}
      intention={intention}
    />
  );
  render(page, app);
};
show(languageOfPage()).catch(() => void show('en'));
