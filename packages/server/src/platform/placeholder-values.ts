import { type PlaceholderValues, variableOfPlaceholder } from '@assent/engine/host';
import { readSecretFile } from '../settings/secret-file.ts';
import { secretVariable } from '../settings/settings.ts';

/**
 * Values for `&{esv.…}` in configuration: a variable, or the file that the variable of that name with `_FILE` names (OPS-59). A file is read when
 * its value is asked for, so that a new secret counts without a restart; one that cannot be read gives none.
 */
export const placeholderValues =
  (environment: Readonly<Record<string, string | undefined>>): PlaceholderValues =>
  (name) => {
    const variable = variableOfPlaceholder(name);
    if (variable === undefined) return undefined;
    const path = environment[secretVariable(variable)];
    if (environment[variable] !== undefined || path === undefined) return environment[variable];
    const file = readSecretFile(path);
    return 'text' in file ? file.text : undefined;
  };

export { variableOfPlaceholder };
