export { Sandbox, type SandboxOptions } from './sandbox.ts';
export type { SandboxAnswer, SandboxLimits, SandboxRun } from './sandbox-thread.ts';
export { librariesNamedIn, scriptsAdapter } from './scripts-adapter.ts';
