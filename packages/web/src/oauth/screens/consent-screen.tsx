import { Filled } from '../../kit/language/filled.tsx';
import { AppLinks, AppLogo, ScopeList, SignedInAs } from './app.tsx';
import { HiddenFields } from './fields.tsx';
import type { ScreenProps } from './screen-props.ts';

/** Asks whether an application may have what it asks for (spec: oidc §1.6). */
export const ConsentScreen = ({ screen: { app, username, scopes, fields, host }, say }: ScreenProps<'consent'>) => (
  <>
    <div class="k-head">
      <AppLogo app={app} />
      <h1>
        <Filled text={say('consent')} values={{ app: app.name }} />
      </h1>
      <p class="k-lead">
        <Filled text={say('consentLead')} values={{ app: app.name }} />
      </p>
      {app.description === undefined ? null : (
        <div class="o-quote k-small">
          <p class="k-muted">{say('appSays')}</p>
          <blockquote>
            <bdi>{app.description}</bdi>
          </blockquote>
        </div>
      )}
    </div>
    <form class="k-stack" method="post">
      <SignedInAs username={username} say={say} />
      <ScopeList scopes={scopes} say={say} />
      <AppLinks app={app} say={say} />
      <label class="k-check">
        <input type="checkbox" name="save_consent" value="on" />
        {say('remember')}
      </label>
      <div class="k-actions">
        <button class="k-btn" type="submit" data-kind="primary" name="decision" value="allow">
          {say('allow')}
        </button>
        <button class="k-btn" type="submit" name="decision" value="deny">
          {say('deny')}
        </button>
      </div>
      {host === undefined ? null : (
        <p class="k-small k-muted">
          <Filled text={say('goesTo')} values={{ host }} />
        </p>
      )}
      <HiddenFields fields={fields} />
    </form>
  </>
);
