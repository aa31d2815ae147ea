import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CreateLoginView, CreateOAuthView, LoginView, OAuthView } from '@assent/wire';

// The views that render pages for each visit, out of the built pages: the one place where the server takes code from `web`, and
// only what was built of it (docs/adr/0021). They are undefined where the pages are not built.

/** Where the pages were built to. */
export const webRoot = (): string => fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** The built HTML of the pages that the server fills in; none of them is served as it is. */
export const RENDERED_PAGES: ReadonlySet<string> = new Set(['login.html', 'oauth.html']);

interface Built {
  /** What the module of the view exports. */
  readonly module: unknown;
  /** The HTML that it fills in. */
  readonly template: string;
}

const open = async (webRoot: string, name: 'login' | 'oauth'): Promise<Built | undefined> => {
  const view = join(webRoot, `view/${name}.js`);
  const page = join(webRoot, `${name}.html`);
  if (!existsSync(view) || !existsSync(page)) return undefined;
  return { module: await import(pathToFileURL(view).href), template: readFileSync(page, 'utf8') };
};

/** The view of the login page. */
export const openLoginView = async (webRoot: string): Promise<LoginView | undefined> => {
  const built = await open(webRoot, 'login');
  return built && (built.module as { readonly createLoginView: CreateLoginView }).createLoginView(built.template);
};

/** The view of the pages of the provider. */
export const openOAuthView = async (webRoot: string): Promise<OAuthView | undefined> => {
  const built = await open(webRoot, 'oauth');
  return built && (built.module as { readonly createOAuthView: CreateOAuthView }).createOAuthView(built.template);
};
