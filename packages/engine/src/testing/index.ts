export * from './fake-request.ts';
export * from './journey-harness.ts';
export * from './memory-ports.ts';
export { type SeenOfNode, seenOfNodes } from './node-coverage.ts';
export * from './run-node.ts';
export * from './seeded-random.ts';
export * from './simulated-clock.ts';
export { storedJourney } from './stored-journey.ts';
export { testUnitOfWork } from './test-unit-of-work.ts';
