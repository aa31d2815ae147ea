import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../kit/button.tsx';
import { useDelayed } from '../kit/delayed.ts';
import { fillText } from '../kit/fill-text.ts';
import { Filled } from '../kit/filled.tsx';
import type { LanguageChoice } from '../kit/language-chooser.tsx';
import { PageFrame } from '../kit/page-frame.tsx';
import type { Account, AccountClient } from './account-client.ts';
import type { AccountCatalogue } from './texts.en.ts';

/** The account page, first version: who is signed in, and the way out. */
export const AccountPage = ({
  client,
  texts,
  languages,
}: {
  readonly client: AccountClient;
  readonly texts: AccountCatalogue;
  readonly languages: Omit<LanguageChoice, 'label'>;
}) => {
  const [account, setAccount] = useState<Account | { readonly kind: 'loading' | 'signed-out' }>({ kind: 'loading' });
  const [leaving, setLeaving] = useState(false);
  const main = useRef<HTMLElement>(null);
  const late = useDelayed(account.kind === 'loading', 400);

  const look = (): void => {
    setAccount({ kind: 'loading' });
    void client.who().then(setAccount);
  };
  useEffect(look, []);
  useEffect(() => {
    const heading = main.current?.querySelector('h1');
    document.title = fillText(texts.title, { screen: heading?.textContent ?? '' });
  }, [account, texts]);
  useEffect(() => {
    if (account.kind === 'signed-out') main.current?.querySelector('h1')?.focus();
  }, [account]);

  const leave = async (): Promise<void> => {
    setLeaving(true);
    const left = await client.signOut();
    setLeaving(false);
    setAccount(left ? { kind: 'signed-out' } : { kind: 'unreachable' });
  };

  const content = () => {
    switch (account.kind) {
      case 'loading':
        return <h1 class={late ? 'k-lead' : 'sr-only'}>{texts.loading}</h1>;
      case 'signed-in':
        return (
          <>
            <div class="k-head">
              <h1>
                <Filled text={texts.signedInAs} values={{ name: account.name }} />
              </h1>
              {account.realm === '/' ? null : (
                <p class="k-lead">
                  <Filled text={texts.realm} values={{ realm: account.realm }} />
                </p>
              )}
            </div>
            <div class="k-actions">
              <Button busy={leaving} onPress={() => void leave()}>
                {texts.signOut}
              </Button>
            </div>
          </>
        );
      case 'unreachable':
        return (
          <>
            <div class="k-head">
              <h1>{texts.failed}</h1>
            </div>
            <div class="k-actions">
              <Button kind="primary" onPress={look}>
                {texts.tryAgain}
              </Button>
            </div>
          </>
        );
      default:
        return (
          <>
            <div class="k-head">
              <h1 tabIndex={-1}>{account.kind === 'nobody' ? texts.notSignedIn : texts.signedOut}</h1>
            </div>
            <div class="k-actions">
              <a class="k-btn" data-kind="primary" href="login">
                {texts.signIn}
              </a>
            </div>
          </>
        );
    }
  };
  return (
    <PageFrame name="Assent" mainRef={main} languages={{ ...languages, label: texts.language }}>
      {content()}
    </PageFrame>
  );
};
