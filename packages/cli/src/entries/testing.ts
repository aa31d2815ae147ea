/** What tests of nodes and journeys import from `assent/testing`: `runNode`, harnesses and doubles. */
export * from '@assent/engine/testing';
