export { Sandbox, type SandboxAnswer, type SandboxLimits, type SandboxOptions, type SandboxRun } from './sandbox.ts';
export { scriptsAdapter } from './scripts-adapter.ts';
