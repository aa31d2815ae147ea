import { isIos } from '../../kit/browser/is-ios.ts';

/** What Safari and Chromium add to the platform, as far as we use it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** An iPhone's browser tab: it forgets its storage after seven days, and cannot be rung. @see ux.md §3.1 */
export const isIosTab = (): boolean => isIos() && !matchMedia('(display-mode: standalone)').matches;

/** Calls back with a way to install the page, and without one once it is installed. */
export const onInstallable = (tell: (ask: (() => void) | undefined) => void): void => {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    tell(() => {
      void (event as InstallPrompt).prompt();
      tell(undefined);
    });
  });
  addEventListener('appinstalled', () => tell(undefined));
};
