import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { CliIo } from '../command/cli-io.ts';
import type { Server } from '../command/stored.ts';
import { type Examined, type Finding, problem, warning } from './check.ts';

/** Whether the classes of sign-in and the authentication levels that applications ask for are what they say. */
export const checkSignInClasses = async (
  { server, settings, io }: Examined,
  store: Store,
): Promise<readonly Finding[]> => {
  const { clients, configuration } = await server.storedClients(store, settings.publicUrl);
  const catalogue = await catalogueOf(server, settings, io);
  // The check of instances tells that the nodes cannot be loaded. Without the nodes, what a journey proves is unknown.
  if (catalogue === undefined) return [];
  const valuesFor = server.placeholderValues(io.env, settings);
  return configuration.realms().flatMap((realm) => {
    const { treeOfAcr } = clients.settings(realm);
    const trees = configuration.trees(realm.realm);
    const reading = { catalogue, placeholderValue: valuesFor(realm.realm) };
    return [
      ...server.acrProblems(trees, treeOfAcr, reading),
      ...server.levelProblems(trees, realm.authLevelJourneys, reading),
      ...server.policyProblems(realm, trees),
    ].map(({ message, fix }) => problem(`realm ${realm.realm}`, message, fix));
  });
};

/** Reports journeys that callers can start although they prove too little, and an administrators' journey that requires no role. */
export const checkStartable = async ({ server, settings, io }: Examined, store: Store): Promise<readonly Finding[]> => {
  const { configuration } = await server.storedClients(store, settings.publicUrl);
  const catalogue = await catalogueOf(server, settings, io);
  if (catalogue === undefined) return [];
  const valuesFor = server.placeholderValues(io.env, settings);
  return configuration.realms().flatMap((realm) => {
    const name = `realm ${realm.realm}`;
    const trees = configuration.trees(realm.realm);
    const { weaker, unusable, signsInEverybody } = server.reviewStartable(realm, trees, {
      catalogue,
      placeholderValue: valuesFor(realm.realm),
    });
    return [
      ...(signsInEverybody
        ? [
            warning(
              name,
              `The journey of administrators ${realm.adminTree} signs in users without a role.`,
              `use an Administrator Decision in ${realm.adminTree} in place of the node that checks the password`,
            ),
          ]
        : []),
      ...(weaker.length > 0
        ? [
            warning(
              name,
              `Callers can start journeys that prove less than the default journey ${realm.defaultTree}: ${weaker.join(', ')}.`,
              'list the journeys that callers may start in startableJourneys of the service "assent"',
            ),
          ]
        : []),
      ...(unusable.length > 0
        ? [
            warning(
              name,
              `startableJourneys names journeys that cannot be started: ${unusable.join(', ')}.`,
              'startableJourneys of the service "assent"',
            ),
          ]
        : []),
    ];
  });
};

/** The nodes that the server would have with these settings; undefined where one of them cannot be loaded. */
const catalogueOf = async (server: Server, { nodes }: Pick<Settings, 'nodes'>, { cwd }: Pick<CliIo, 'cwd'>) => {
  const custom = await server.loadCustomNodes(nodes, cwd).catch(() => undefined);
  return custom && server.catalogueWith(custom);
};

/** Where nothing else proves who signs in, a password is longer (NIST SP 800-63B-4 §3.1.1.2). */
const MIN_ALONE = 15;

/** Realms whose default journey asks for a password alone, and which take a short one (SEC-55). */
export const checkPasswordLength = async (
  server: Server,
  store: Store,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
): Promise<readonly Finding[]> => {
  const { configuration } = await server.storedClients(store, publicUrl);
  return configuration.realms().flatMap(({ realm, active, defaultTree, passwordMinLength }) => {
    if (!active || passwordMinLength >= MIN_ALONE || !server.isPasswordAlone(configuration, realm, defaultTree))
      return [];
    return [
      warning(
        `realm ${realm}`,
        `A password alone signs in by the default journey ${defaultTree}, and may have ${passwordMinLength} characters.`,
        `ask for a second factor in ${defaultTree}, or set passwordMinLength of the service "assent" to ${MIN_ALONE}`,
      ),
    ];
  });
};
