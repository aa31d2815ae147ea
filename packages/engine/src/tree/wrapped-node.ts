import type { CompiledNode } from './compiled-tree.ts';

/** Scripts write numbers and switches as texts, too. */
const withValuesRead = (
  settings: Readonly<Record<string, unknown>>,
  names: ReadonlySet<unknown>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      names.has(name) && typeof value === 'string' && /^(-?\d{1,15}|true|false)$/.test(value)
        ? JSON.parse(value)
        : value,
    ]),
  );

/** The wrapped node as it stands in the place of the one that wraps it; or why the settings do not fit. */
export const wrappedNode = (
  node: CompiledNode,
  settings: Readonly<Record<string, unknown>>,
): CompiledNode | { readonly problem: string } => {
  const { wrapped } = node;
  if (wrapped === undefined) return { problem: 'there is no such type of node that could be run' };
  const first = wrapped.config.safeParse(settings);
  const parsed = first.success
    ? first
    : wrapped.config.safeParse(withValuesRead(settings, new Set(first.error.issues.map(({ path }) => path[0]))));
  if (!parsed.success) {
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
  }
  const config = parsed.data;
  const innerTree = wrapped.innerTree?.(config as never);
  return {
    ...node,
    type: wrapped.type,
    definition: wrapped,
    config,
    outcomes: wrapped.outcomesOf(config, []),
    ...(innerTree !== undefined && { innerTree }),
  };
};
