export { Sandbox, type SandboxAnswer, type SandboxLimits, type SandboxOptions, type SandboxRun } from './sandbox.ts';
export { scriptsAdapter as bindScripts } from './scripts-adapter.ts';
