import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CreateLoginView, LoginView } from '@assent/wire';

/**
 * The view that renders the login page, out of the built pages: the one place where the server takes code from `web`,
 * and only what was built of it (docs/adr/0021). Undefined where the pages are not built.
 */
export const openLoginView = async (webRoot: string): Promise<LoginView | undefined> => {
  const view = join(webRoot, 'view/login.js');
  const page = join(webRoot, 'login.html');
  if (!existsSync(view) || !existsSync(page)) return undefined;
  const built = (await import(pathToFileURL(view).href)) as { readonly createLoginView: CreateLoginView };
  return built.createLoginView(readFileSync(page, 'utf8'));
};
