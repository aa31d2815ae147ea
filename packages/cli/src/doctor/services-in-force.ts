import type { Store } from '@assent/store';
import type { Server } from '../command/stored.ts';
import { type Examined, type Finding, problem } from './check.ts';

type Surroundings = Pick<Examined, 'settings'> & {
  readonly io: { readonly env: Examined['io']['env'] };
  readonly server: Pick<Server, 'placeholderValues'>;
};

/** What to do about a secret that the realm may not use where it stands. */
const SECRET_REMEDY =
  'list the secret for the realm in --realm-secrets (ASSENT_REALM_SECRETS), as realm=name or realm=name@host, or take it out of the setting';

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
  examined: Surroundings & { readonly server: Pick<Server, 'serviceInForce' | 'variableOfPlaceholder'> },
  { configuration }: Pick<Store, 'configuration'>,
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  const source = sourceOf(examined);
  return services.flatMap((service) => {
    const { missing, refused } = examined.server.serviceInForce(service, source);
    const where = `realm ${service.realm}`;
    return [
      ...missing.map((name) => {
        const variable = examined.server.variableOfPlaceholder(name);
        return problem(
          where,
          `The service ${service.type} names &{${name}}, which has no value here.`,
          variable === undefined
            ? 'a name that begins with esv.'
            : `set ${variable}, or put the value into a file that ${variable}_FILE names and our user can read`,
        );
      }),
      ...[...refused].map(([setting, reason]) =>
        problem(where, `The service ${service.type} cannot use its secret ${setting}. ${reason}`, SECRET_REMEDY),
      ),
    ];
  });
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
