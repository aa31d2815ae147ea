import { type PlaceholderSource, plainVariableOfPlaceholder, variableOfPlaceholder } from '@assent/engine/host';
import { secretUseOf } from '../settings/realm-secrets.ts';
import { readSecretFile } from '../settings/secret-file.ts';
import { type Settings, secretVariable } from '../settings/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Values for `&{esv.…}` in configuration. A value is a secret where `ESV_…` gives it, or the file that `ESV_…_FILE` names (OPS-59), and plain where
 * `ESV_PLAIN_…` does. Where both do, it is a secret. A secret is handed out only to the realms that the operator lists (SEC-92). A file is read when its
 * value is asked for, so that a new secret counts without a restart; a file that cannot be read gives no value.
 */
export const placeholderValues =
  (environment: Environment, { realmSecrets }: Pick<Settings, 'realmSecrets'>): PlaceholderSource =>
  (realm) =>
  (name) => {
    const variable = variableOfPlaceholder(name);
    const plainVariable = plainVariableOfPlaceholder(name);
    if (variable === undefined || plainVariable === undefined) return undefined;
    if (variable !== plainVariable && hasSecret(environment, variable)) {
      const use = secretUseOf(realmSecrets, realm, name);
      if (use === undefined) return { kind: 'withheld' };
      const text = secretOf(environment, variable);
      return text === undefined ? undefined : { kind: 'secret', text, ...use };
    }
    const text = environment[plainVariable];
    return text === undefined ? undefined : { kind: 'plain', text };
  };

const hasSecret = (environment: Environment, variable: string): boolean =>
  environment[variable] !== undefined || environment[secretVariable(variable)] !== undefined;

const secretOf = (environment: Environment, variable: string): string | undefined => {
  const path = environment[secretVariable(variable)];
  if (environment[variable] !== undefined || path === undefined) return environment[variable];
  const file = readSecretFile(path);
  return 'text' in file ? file.text : undefined;
};

export { variableOfPlaceholder };
