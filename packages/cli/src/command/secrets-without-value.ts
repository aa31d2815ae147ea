import type { ServiceDocument } from '@assent/engine/host';
import type { Settings } from '@assent/server';
import type { Server } from './stored.ts';

/** What to do about a secret that the realm may not use where it stands. */
export const SECRET_REMEDY =
  'list the secret for the realm in --realm-secrets (ASSENT_REALM_SECRETS), as realm=name or realm=name@host, or take it out of the setting';

/** The secrets of a service that a server with these settings cannot use: those without a value, and those that the realm may not use (SEC-92). */
export const secretsWithoutValue = (
  {
    io,
    server,
    settings,
  }: {
    readonly io: { readonly env: NodeJS.ProcessEnv };
    readonly server: Pick<Server, 'placeholderValues' | 'serviceInForce' | 'variableOfPlaceholder'>;
    readonly settings: Settings;
  },
  service: ServiceDocument,
): readonly { readonly message: string; readonly fix: string }[] => {
  const { missing, refused } = server.serviceInForce(service, server.placeholderValues(io.env, settings));
  return [
    ...missing.map((name) => {
      const variable = server.variableOfPlaceholder(name);
      return {
        message: `The service ${service.type} names &{${name}}, which has no value here.`,
        fix:
          variable === undefined
            ? 'a name that begins with esv.'
            : `set ${variable}, or put the value into a file that ${variable}_FILE names and our user can read`,
      };
    }),
    ...[...refused].map(([setting, reason]) => ({
      message: `The service ${service.type} cannot use its secret ${setting}. ${reason}`,
      fix: SECRET_REMEDY,
    })),
  ];
};
