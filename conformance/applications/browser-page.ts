import { vi } from 'vitest';
import { type BrowserFetch, browserFetch, memoryStorage } from '../support/browser-fetch.ts';
import { APP, plainFetch } from './provider-world.ts';

/** A page of the application, as far as the SDKs look: it fetches, keeps, opens a hidden frame and goes elsewhere. */
export interface BrowserPage extends BrowserFetch {
  /** Where the page wanted to go, newest last. */
  readonly visited: readonly string[];
}

/** More than any way to the application takes; a loop ends here. */
const MAX_REDIRECTS = 10;

/** A frame that follows redirects with the cookies of the browser, and that only pages of the same origin may look into. */
const frameOf = (page: BrowserFetch) => {
  const frame = new EventTarget();
  let href = 'about:blank';
  const load = async (start: string): Promise<void> => {
    href = start;
    for (let at = 0; at < MAX_REDIRECTS && new URL(href).origin !== APP; at += 1) {
      const cookie = `iPlanetDirectoryPro=${page.cookie('iPlanetDirectoryPro') ?? ''}`;
      const location = (await plainFetch(href, { headers: { accept: 'text/html', cookie } })).headers.get('location');
      if (location === null) break;
      href = new URL(location, href).href;
    }
    frame.dispatchEvent(new Event('load'));
  };
  const contentWindow = {
    get location() {
      if (new URL(href).origin !== APP) throw new DOMException('Blocked a frame with another origin.', 'SecurityError');
      return { href };
    },
  };
  return Object.defineProperty(Object.assign(frame, { style: {}, contentWindow, remove: () => {} }), 'src', {
    set: (url: string) => void load(url),
  });
};

/** Puts what a page of the application has where libraries look for it; `vi.unstubAllGlobals` takes it away again. */
export const openBrowserPage = (): BrowserPage => {
  vi.unstubAllGlobals();
  const page = browserFetch(APP);
  const visited: string[] = [];
  const location = { origin: APP, href: `${APP}/`, assign: (url: string) => void visited.push(url) };
  vi.stubGlobal('fetch', page.fetch);
  vi.stubGlobal('localStorage', memoryStorage());
  vi.stubGlobal('sessionStorage', memoryStorage());
  vi.stubGlobal('location', location);
  vi.stubGlobal('document', { createElement: () => frameOf(page), body: { appendChild: () => {} } });
  vi.stubGlobal('window', globalThis);
  return { ...page, visited };
};
