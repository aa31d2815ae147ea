import { randomBytes } from 'node:crypto';
import type { RealmSettings } from '@assent/engine';
import type { OAuthPage } from '@assent/oidc';
import type { OAuthView } from '@assent/wire';
import { preferredLocales } from '../http/locales.ts';
import type { Fields } from '../http/parameters.ts';
import { pageHeaders } from '../http/security-headers.ts';
import { oauthScreen } from './oauth-screen.ts';
import type { RenderedPage } from './page-answer.ts';
import type { RealmAppearances } from './realm-appearances.ts';

export interface OAuthPagesOptions {
  readonly view: OAuthView;
  readonly publicUrl: string;
  readonly appearances: Pick<RealmAppearances, 'of'>;
}

/** Somebody who is shown a page of the provider, and by what request. */
export interface OAuthPageVisit {
  readonly realm: RealmSettings;
  readonly headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined };
  /** What was chosen on the page before; see `readForm`. */
  readonly language?: string | undefined;
  /** What the request asks for, by `locale` or the first of `ui_locales`. */
  readonly locale?: string | undefined;
  readonly transactionId: string;
}

/** The pages of the provider (spec: oidc §1.6). */
export class OAuthPages {
  readonly #options: OAuthPagesOptions;

  constructor(options: OAuthPagesOptions) {
    this.#options = options;
  }

  /**
   * Parts what a form says of the page from what it says of the request: the language that was chosen on the page is no
   * parameter of the protocol, and no proof over the parameters covers it.
   */
  readForm(form: Fields): { readonly language: string | undefined; readonly parameters: Fields } {
    const { press, language, ...parameters } = form;
    return press === 'language' ? { language, parameters } : { language: undefined, parameters: form };
  }

  /** Renders a page for one visit, to be sent by `pageAnswer`. */
  render(page: OAuthPage, visit: OAuthPageVisit): RenderedPage {
    const { view, publicUrl, appearances } = this.#options;
    const { realm, headers, language: chosen, locale, transactionId } = visit;
    const nonce = randomBytes(16).toString('base64');
    const languages = preferredLocales(undefined, headers['accept-language']);
    const { html, cookies } = view.render({
      context: `${publicUrl}/`,
      realm: realm.realm,
      appearance: appearances.of(realm),
      cookies: headers.cookie ?? '',
      languages,
      ...(chosen !== undefined && { chosen }),
      ...(locale !== undefined && { locale }),
      nonce,
      reference: transactionId,
      screenIn: (language) => oauthScreen(page, { languages: [language, ...languages], realm }),
    });
    return {
      html,
      headers: {
        // A page of the provider may stand in a popup, whose opener waits for what comes of it.
        ...pageHeaders(nonce, { formTarget: formTargetOf(page), keepsOpener: true }),
        'x-transaction-id': transactionId,
        ...(cookies.length > 0 && { 'set-cookie': cookies }),
      },
    };
  }
}

/** Where a browser goes on to after the form of the page; undefined where that is here. */
const formTargetOf = (page: OAuthPage): string | undefined => {
  if (page.kind === 'consent') return page.formTarget;
  return page.kind === 'formPost' ? page.action : undefined;
};
