/** What authors of nodes import from `assent/nodes`: the catalogue, its state keys and its ports. */
export * from '@assent/nodes';
