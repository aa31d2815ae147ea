import { variableOfPlaceholder } from '@assent/engine/host';
import { z } from 'zod';

/**
 * One secret that one realm may use: `/alpha=esv.smtp.password`, or all of a prefix: `/alpha=esv.alpha.*`. With `@mail.example.com` behind it the
 * secret is sent to that host alone.
 */
const ENTRY = /^(\/[\w./-]*)=(esv[.-][\w.-]*\w)(\.\*)?(?:@([\w.-]+|\[[\da-f:.]+\]))?$/i;

/** An entry of `realmSecrets`; checked when the server starts. */
export const realmSecret = z.string().regex(ENTRY);

/** What the operator lets a realm do with a secret. */
export interface SecretUse {
  /** The hosts that it may be sent to; any where absent. */
  readonly hosts?: readonly string[];
}

/**
 * How a realm may use the secret of that name; undefined where it may not. Realms do not inherit from each other. Where entries of several realms
 * name the secret, those that say it most exactly count: `/alpha=esv.alpha.*` includes nothing that `/alpha-eu=esv.alpha-eu.*` names, since
 * `esv.alpha-eu` and `esv.alpha.eu` are one variable.
 */
export const secretUseOf = (realmSecrets: readonly string[], realm: string, name: string): SecretUse | undefined => {
  const variable = variableOfPlaceholder(name);
  if (variable === undefined) return undefined;
  const found = realmSecrets.flatMap((entry) => {
    const [, path, listed = '', all, host] = ENTRY.exec(entry) ?? [];
    // Names are compared as variables: `esv-a` and `esv.a` are one.
    const allowed = variableOfPlaceholder(listed) ?? '';
    const isNamed = all === undefined ? variable === allowed : variable.startsWith(`${allowed}_`);
    const exactness = all === undefined ? Number.POSITIVE_INFINITY : allowed.length;
    return isNamed ? [{ path, exactness, host: host?.toLowerCase() }] : [];
  });
  const most = Math.max(...found.map(({ exactness }) => exactness));
  const own = found.filter(({ path, exactness }) => path === realm && exactness === most);
  if (own.length === 0) return undefined;
  const hosts = own.map(({ host }) => host);
  return hosts.includes(undefined) ? {} : { hosts: hosts.flatMap((host) => host ?? []) };
};
