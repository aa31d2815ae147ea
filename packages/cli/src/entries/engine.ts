/** What authors of nodes import from `assent/engine`: definitions, callbacks, state keys, ports, texts and errors. */
export * from '@assent/engine';
