import type { ComponentChild } from 'preact';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { hush } from '../kit/browser/announce.ts';
import type { LanguageChoice } from '../kit/language/language-chooser.tsx';
import { Icon } from '../kit/parts/icon.tsx';
import { Mark } from '../kit/parts/mark.tsx';
import { Note } from '../kit/parts/note.tsx';
import type { Phone } from './model/phone.ts';
import { AccountScreen } from './screens/account-screen.tsx';
import { AccountsScreen } from './screens/accounts-screen.tsx';
import { AddScreen } from './screens/add-screen.tsx';
import { ConfirmScreen } from './screens/confirm-screen.tsx';
import { DenyScreen } from './screens/deny-screen.tsx';
import { HistoryScreen } from './screens/history-screen.tsx';
import { ServerTime } from './screens/now.ts';
import { type Obstacle, ObstacleScreen } from './screens/obstacle-screen.tsx';
import { OutcomeScreen } from './screens/outcome-screen.tsx';
import { RequestScreen } from './screens/request-screen.tsx';
import { RequestsScreen } from './screens/requests-screen.tsx';
import { hashOf, type Route, readRoute } from './screens/route.ts';
import { SettingsScreen } from './screens/settings-screen.tsx';
import type { SetupCode } from './server/setup-code.ts';
import { say } from './texts/say.ts';
import type { PhoneTextId } from './texts/texts.en.ts';

/** What the page knows of the browser around it, and may ask it for. */
export interface Surroundings {
  readonly obstacle: Obstacle | undefined;
  /** An account that is added here would soon be lost: first the home screen, then the account. */
  readonly isIosTab: boolean;
  readonly isFragile: boolean;
  readonly install: (() => void) | undefined;
  takeOver(): void;
  /** The first account is there: now the browser is asked to keep it. */
  onConnected(): void;
}

const tabs = [
  ['requests', 'navRequests', 'phone'],
  ['accounts', 'navAccounts', 'person'],
  ['history', 'navHistory', 'clock'],
  ['settings', 'navSettings', 'gear'],
] as const satisfies readonly (readonly [Route['name'], PhoneTextId, Parameters<typeof Icon>[0]['name']])[];

/** The phone: a request that waits wins over every other screen. @see ux.md §3.2 "Opening" */
export const PhonePage = ({
  phone,
  serverNow,
  subscribe,
  surroundings,
  languages,
}: {
  readonly phone: Phone;
  readonly serverNow: () => number;
  subscribe(listener: () => void): () => void;
  readonly surroundings: () => Surroundings;
  readonly languages: () => LanguageChoice;
}) => {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [route, setRoute] = useState<Route>(() => readRoute(location.hash));
  const [code, setCode] = useState<SetupCode>();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const stop = subscribe(() => redraw(undefined));
    // What changed between the first render and now was told to nobody.
    redraw(undefined);
    return stop;
  }, [subscribe]);
  useEffect(() => {
    const follow = (): void => {
      setCode(undefined);
      setRoute(readRoute(location.hash));
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    // A setup code is a secret: gone from the address before anybody could keep it.
    if (route.name === 'add' && route.code !== undefined)
      history.replaceState(history.state, '', hashOf({ name: 'add' }));
  }, [route]);

  const view = phone.view();
  const around = surroundings();
  const [entry] = view.requests;
  const waiting = view.requests.filter(({ phase }) => phase.kind !== 'over').length;

  const screen = (): { readonly key: string; readonly hasNav: boolean; readonly content: ComponentChild } => {
    if (around.obstacle !== undefined) {
      const content = <ObstacleScreen obstacle={around.obstacle} takeOver={around.takeOver} />;
      return { key: around.obstacle, hasNav: false, content };
    }
    if (!view.isReady) return { key: 'loading', hasNav: false, content: <h1 class="sr-only">{say('loading')}</h1> };
    if (entry !== undefined) return requestScreen();
    if (code !== undefined) {
      const content = (
        <ConfirmScreen
          code={code}
          phone={phone}
          onCancel={() => setCode(undefined)}
          onDone={() => {
            setCode(undefined);
            location.hash = hashOf({ name: code.push === undefined ? 'accounts' : 'requests' });
            around.onConnected();
          }}
        />
      );
      return { key: 'confirm', hasNav: false, content };
    }
    return { key: route.name, hasNav: route.name !== 'add', content: ofRoute() };
  };

  const requestScreen = () => {
    if (entry === undefined) throw new TypeError('There is no request.');
    const { request, phase } = entry;
    const key = `${request.messageId} ${phase.kind === 'over' || phase.kind === 'reason' ? phase.kind : 'open'}`;
    const place = { n: 1, all: view.requests.length };
    const content =
      phase.kind === 'over' ? (
        <OutcomeScreen
          key={key}
          end={phase.end}
          accountPage={new URL('../account', location.href).href}
          pause={() => phone.pause(request.accountId)}
          onClose={() => phone.desk.dismiss(request.messageId)}
        />
      ) : phase.kind === 'reason' ? (
        <DenyScreen key={key} entry={entry} desk={phone.desk} />
      ) : (
        <RequestScreen key={key} entry={entry} place={place} desk={phone.desk} />
      );
    return { key, hasNav: false, content };
  };

  const ofRoute = () => {
    switch (route.name) {
      case 'requests':
        return <RequestsScreen phone={phone} view={view} install={around.install} />;
      case 'accounts':
        return <AccountsScreen phone={phone} view={view} />;
      case 'account': {
        const account = view.accounts.find(({ id }) => id === route.id);
        if (account === undefined) return <AccountsScreen phone={phone} view={view} />;
        return <AccountScreen key={account.id} account={account} phone={phone} view={view} />;
      }
      case 'add':
        if (around.isIosTab) return <ObstacleScreen obstacle="ios-tab" takeOver={around.takeOver} />;
        return <AddScreen given={route.code} onCode={setCode} />;
      case 'history':
        return <HistoryScreen history={view.history} />;
      case 'settings':
        return <SettingsScreen phone={phone} view={view} languages={languages()} isFragile={around.isFragile} />;
    }
  };

  const { key, hasNav, content } = screen();
  const shown = useRef(key);
  useEffect(() => {
    const heading = main.current?.querySelector('h1');
    const hasRequest = view.requests.some(({ phase }) => phase.kind !== 'over');
    document.title = hasRequest ? say('titleRequest') : say('title', { screen: heading?.textContent ?? '' });
    if (shown.current === key) return;
    shown.current = key;
    hush('alert');
    heading?.focus();
    scrollTo(0, 0);
  });
  useEffect(() => {
    // Where there are badges: not every browser has them, and not every person wants them.
    void navigator.setAppBadge?.(waiting).catch(() => undefined);
  }, [waiting]);

  return (
    <ServerTime.Provider value={serverNow}>
      <div class="p-shell" data-nav={hasNav ? '' : undefined}>
        <header class="k-brand p-brand">
          <Mark />
          <bdi>Assent</bdi>
        </header>
        <main ref={main} class="p-main">
          {view.isConnected || around.obstacle !== undefined ? null : <Note tone="warn">{say('noConnection')}</Note>}
          {content}
        </main>
        {hasNav ? (
          <nav class="p-nav" aria-label={say('nav')}>
            {tabs.map(([name, text, icon]) => (
              <a
                key={name}
                href={hashOf({ name })}
                aria-current={
                  route.name === name || (name === 'accounts' && route.name === 'account') ? 'page' : undefined
                }
              >
                <Icon name={icon} />
                <span>{say(text)}</span>
              </a>
            ))}
          </nav>
        ) : null}
      </div>
    </ServerTime.Provider>
  );
};
