import type { Store } from '@assent/store';
import { SECRET_REMEDY, secretsWithoutValue } from '../command/secrets-without-value.ts';
import type { Server } from '../command/stored.ts';
import { type Examined, type Finding, problem } from './check.ts';

type Surroundings = Pick<Examined, 'settings'> & {
  readonly io: { readonly env: Examined['io']['env'] };
  readonly server: Pick<Server, 'placeholderValues'>;
};

const sourceOf = ({ server, io, settings }: Surroundings) => server.placeholderValues(io.env, settings);

/** The store as the server would see it that is started here: services with the values of their secrets (OPS-59). */
export const withServicesInForce = (
  examined: Surroundings & { readonly server: Pick<Server, 'serviceInForce'> },
  store: Store,
): Store => ({
  ...store,
  configuration: {
    ...store.configuration,
    async load() {
      const loaded = await store.configuration.load();
      const source = sourceOf(examined);
      return { ...loaded, services: loaded.services.map((it) => examined.server.serviceInForce(it, source).document) };
    },
  },
});

/** Secrets of services that have no value here, or that the realm may not use. */
export const checkServiceSecrets = async (
  examined: Surroundings & Parameters<typeof secretsWithoutValue>[0],
  { configuration }: Pick<Store, 'configuration'>,
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  return services.flatMap((service) =>
    secretsWithoutValue(examined, service).map(({ message, fix }) => problem(`realm ${service.realm}`, message, fix)),
  );
};

/** Nodes of journeys with secrets where none may stand, or that the realm may not use (SEC-92). */
export const checkNodeSecrets = async (
  examined: Surroundings & {
    readonly server: Pick<Server, 'refusedPlaceholders' | 'catalogueWith' | 'loadCustomNodes'>;
    readonly io: { readonly cwd: string };
  },
  { configuration }: Pick<Store, 'configuration'>,
): Promise<readonly Finding[]> => {
  const { server, settings, io } = examined;
  const nodes = await server.loadCustomNodes(settings.nodes, io.cwd).catch((cause: unknown) => ({ cause }));
  if ('cause' in nodes) {
    const reason = nodes.cause instanceof Error ? nodes.cause.message : String(nodes.cause);
    return [problem('nodes', `The settings of nodes were not checked. ${reason}`)];
  }
  const catalogue = server.catalogueWith(nodes);
  const { trees } = await configuration.load();
  return server
    .refusedPlaceholders(trees, catalogue, sourceOf(examined))
    .map(({ realm, tree, nodeType, nodeId, setting, reason }) =>
      problem(
        `realm ${realm}`,
        `The node ${nodeType} ${nodeId} of ${tree} cannot use its setting ${setting}. ${reason}`,
        SECRET_REMEDY,
      ),
    );
};
