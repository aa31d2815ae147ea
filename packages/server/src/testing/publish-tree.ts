import { FAILURE, SUCCESS } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import type { SteeredServer } from './steered-server.ts';

export { FAILURE, SUCCESS };

/** Nodes by a short name, the first of them the entry: type, where each outcome leads, settings. */
export type ShortTree = Readonly<
  Record<string, readonly [type: string, to: Readonly<Record<string, string>>, config?: object]>
>;

/** Publishes a tree, in the root realm where no other is named. */
export const publishTree = async (
  { assent }: SteeredServer,
  name: string,
  nodes: ShortTree,
  realm = '/',
): Promise<void> => {
  const all = Object.entries(nodes).map(([id, node]) => [`${name}-${id}`, node] as const);
  const end = (target: string) => (target in nodes ? `${name}-${target}` : target);
  const connections = (to: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(to).map(([outcome, target]) => [outcome, end(target)]));
  await configuring(assent.store).publishTree({
    realm,
    name,
    tree: {
      entryNodeId: all[0]?.[0] ?? '',
      enabled: true,
      nodes: Object.fromEntries(
        all.map(([id, [nodeType, to]]) => [id, { displayName: id, nodeType, connections: connections(to) }]),
      ),
    } as never,
    nodes: Object.fromEntries(all.map(([id, [type, , config = {}]]) => [id, { id, type, config }])) as never,
  });
  await assent.configuration.refresh();
};
