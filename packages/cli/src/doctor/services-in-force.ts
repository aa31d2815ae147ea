import type { Store } from '@assent/store';
import type { CliIo } from '../command/cli-io.ts';
import type { Server } from '../command/stored.ts';
import { type Finding, problem } from './check.ts';

/** The store as the server would see it that is started here: services with the values of their secrets (OPS-59). */
export const withServicesInForce = (
  { placeholderValues, serviceInForce }: Pick<Server, 'placeholderValues' | 'serviceInForce'>,
  { env }: Pick<CliIo, 'env'>,
  store: Store,
): Store => ({
  ...store,
  configuration: {
    ...store.configuration,
    async load() {
      const loaded = await store.configuration.load();
      const valueFor = placeholderValues(env);
      return { ...loaded, services: loaded.services.map((it) => serviceInForce(it, valueFor).document) };
    },
  },
});

/** Secrets of services that name values which nobody has given here. */
export const checkServiceSecrets = async (
  {
    placeholderValues,
    serviceInForce,
    variableOfPlaceholder,
  }: Pick<Server, 'placeholderValues' | 'serviceInForce' | 'variableOfPlaceholder'>,
  { env }: Pick<CliIo, 'env'>,
  { configuration }: Pick<Store, 'configuration'>,
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  const valueFor = placeholderValues(env);
  return services.flatMap((service) =>
    serviceInForce(service, valueFor).missing.map((name) => {
      const variable = variableOfPlaceholder(name);
      return problem(
        `realm ${service.realm}`,
        `The service ${service.type} names &{${name}}, which has no value here.`,
        variable === undefined
          ? 'a name that begins with esv.'
          : `set ${variable}, or put the value into a file that ${variable}_FILE names and our user can read`,
      );
    }),
  );
};
