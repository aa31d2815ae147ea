import type { AppOnPage, ScopeOnPage } from '@assent/wire';
import { Filled } from '../../kit/language/filled.tsx';
import { Icon } from '../../kit/parts/icon.tsx';
import { fitting } from '../../kit/parts/picture.ts';
import { scopeWords } from '../../kit/scopes/scope-words.ts';
import type { Say } from '../texts/say.ts';

/** What the logo of an application has room for, in pixels. */
const MAX_LOGO = { width: 160, height: 56 } as const;

/** The picture of an application; decorative, because its name stands beside it. */
export const AppLogo = ({ app: { logo } }: { readonly app: AppOnPage }) =>
  logo === undefined ? null : <img class="o-logo" {...fitting(logo, MAX_LOGO)} alt="" />;

/** What an application gets. */
export const ScopeList = ({ scopes, say }: { readonly scopes: readonly ScopeOnPage[]; readonly say: Say }) =>
  scopes.length === 0 ? null : (
    <div class="k-stack">
      <h2 id="scopes">{say('scopes')}</h2>
      <ul class="o-scopes" aria-labelledby="scopes">
        {scopes.map((scope) => (
          <li key={scope.name}>
            <Icon name="tick" />
            <bdi>{scopeWords(scope, say)}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );

/** Who is asked. */
export const SignedInAs = ({ username, say }: { readonly username: string; readonly say: Say }) => (
  <p class="o-person">
    <Icon name="person" />
    <span>
      <Filled text={say('signedInAs')} values={{ name: username }} />
    </span>
  </p>
);

/** What an application says of itself elsewhere. */
export const AppLinks = ({ app: { policyUri, termsUri }, say }: { readonly app: AppOnPage; readonly say: Say }) => {
  const links = [
    [policyUri, 'policy'],
    [termsUri, 'terms'],
  ] as const;
  if (policyUri === undefined && termsUri === undefined) return null;
  return (
    <p class="k-row k-small o-links">
      {links.map(([href, id]) =>
        href === undefined ? null : (
          <a key={id} href={href} target="_blank" rel="noopener noreferrer">
            {say(id)}
            <span class="sr-only"> {say('newTab')}</span>
          </a>
        ),
      )}
    </p>
  );
};
