export { bindScripts } from './bind-scripts.ts';
export { Sandbox, type SandboxAnswer, type SandboxLimits, type SandboxOptions, type SandboxRun } from './sandbox.ts';
