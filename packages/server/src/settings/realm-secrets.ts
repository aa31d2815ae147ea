import { variableOfPlaceholder } from '@assent/engine/host';
import { z } from 'zod';

/** One secret that one realm may use: `/alpha=esv.smtp.password`, or all of a prefix: `/alpha=esv.alpha.*`. */
const ENTRY = /^(\/[\w./-]*)=(esv[.-][\w.-]*\w)(\.\*)?$/i;

/** An entry of `realmSecrets`; checked when the server starts. */
export const realmSecret = z.string().regex(ENTRY);

/** Whether the operator lets a realm use the secret of that name. Realms do not inherit from each other. */
export const mayUseSecret = (realmSecrets: readonly string[], realm: string, name: string): boolean => {
  const variable = variableOfPlaceholder(name);
  if (variable === undefined) return false;
  return realmSecrets.some((entry) => {
    const [, path, listed = '', all] = ENTRY.exec(entry) ?? [];
    if (path !== realm) return false;
    // Names are compared as variables: `esv-a` and `esv.a` are one.
    const allowed = variableOfPlaceholder(listed);
    return all === undefined ? variable === allowed : variable.startsWith(`${allowed}_`);
  });
};
