import { universalIdOf } from '@assent/nodes';
import { isJsonObject } from '@assent/wire';
import { currentSessionOf } from '../../authentication/caller.ts';
import { ACCESS_DENIED, type CallerPorts } from '../../authorization/administration.ts';
import { type Answer, badRequest, type Call, ok } from '../../http/call.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { isAllowedRedirect } from '../../realms/redirects.ts';
import type { Settings } from '../../settings/settings.ts';

export interface OwnSessionOptions extends Pick<CallerPorts, 'cookies' | 'sessions'> {
  readonly settings: Pick<Settings, 'contextPath' | 'publicUrl'>;
  readonly configuration: Pick<LiveConfiguration, 'realm'>;
}

/** `POST users?_action=idFromSession`: whom the caller's session is of. */
export const idFromSession =
  (options: OwnSessionOptions) =>
  async (call: Call): Promise<Answer> => {
    const session = await currentSessionOf(call, options.cookies, options.sessions);
    if (session === undefined) return ACCESS_DENIED;
    const context = options.settings.contextPath;
    return ok({
      id: session.username,
      realm: session.realm,
      dn: universalIdOf(session),
      successURL: call.realm.successUrl,
      fullLoginURL: `${context}/login?realm=${encodeURIComponent(session.realm)}`,
    });
  };

/** `{goto}`: where a page of the caller's may send the browser, by the list of the realm that the session is of. */
export const validateGoto =
  (options: OwnSessionOptions) =>
  async (call: Call): Promise<Answer> => {
    const session = await currentSessionOf(call, options.cookies, options.sessions);
    const realm = session && options.configuration.realm(session.realm);
    if (realm === undefined) return ACCESS_DENIED;
    const goto: unknown = isJsonObject(call.body) ? call.body.goto : undefined;
    if (goto !== undefined && typeof goto !== 'string') return badRequest('goto must be a text.', 'goto');
    const isAllowed = goto !== undefined && isAllowedRedirect(goto, realm, options.settings.publicUrl);
    return ok({ successURL: isAllowed ? goto : realm.successUrl });
  };
