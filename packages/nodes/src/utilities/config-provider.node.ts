import { defineNode, identities } from '@assent/engine';
import { z } from 'zod';
import { NO_SCRIPT, requestBindings, runScript } from '../scripting/run-script.ts';
import { ALL, stateChanges, visibleState } from '../scripting/script-state.ts';
import { scripts } from '../scripting/scripts.ts';

/** Runs another node with settings that a script makes. @see spec: node-census §4 */
export const configProvider = defineNode({
  type: 'ConfigProviderNode',
  title: 'Configuration Provider',
  help: 'Runs a node of another type, with settings that a script makes when the journey gets here.',
  tags: ['utilities'],
  config: z.object({
    nodeType: z.string().min(1).meta({
      title: 'Node Type',
      description: 'The type of the node to run: one whose outcomes do not depend on its settings.',
    }),
    script: z.string().default(NO_SCRIPT).meta({
      title: 'Script',
      description: 'The id of the script in this realm. It leaves the settings in the variable config.',
    }),
    scriptInputs: z.array(z.string()).default([ALL]).meta({
      title: 'Script Inputs',
      description: 'The state that the script sees; * stands for all of it.',
    }),
  }),
  wraps: ({ nodeType }) => nodeType,
  outcomes: (_config, inside) => ({ ...inside[0]?.outcomes, CONFIGURATION_FAILED: 'Configuration failure' }),
  dynamicInputs: ({ scriptInputs }) => scriptInputs.filter((name) => name !== ALL),
  dynamicOutputs: () => 'anything',
  script: ({ script }) => (script === NO_SCRIPT ? undefined : script),
  sends: 'anything',
  uses: [scripts, identities],
  errors: { failed: 'Failed to configure node: {{type}}: {{reason}}' },

  async process({ config, state, ports, request, sent, resumed, log, report, runWrapped, goTo }) {
    // A node that waits for the tree which it runs goes on with the settings that it began with.
    const kept = sent.length > 0 || resumed ? await runWrapped() : undefined;
    if (kept !== undefined && !('problem' in kept)) return kept;

    const refuse = (reason: string) => {
      report('failed', { type: config.nodeType, reason });
      return goTo('CONFIGURATION_FAILED');
    };
    const script = ports.scripts.find(config.script);
    if (script === undefined) return refuse('there is no such script');
    const given = visibleState(state.compartments(), config.scriptInputs);
    const bindings = { ...given, callbacks: [], ...requestBindings(request), wantsConfig: true };
    const run = await runScript(ports, script, bindings, log);
    if ('failed' in run) return refuse(`the script "${script.name}" failed${run.failed.line}: ${run.failed.message}`);
    const { result } = run;
    if (result.config === undefined) return refuse(`the script "${script.name}" set no map "config"`);
    for (const { compartment, name, value } of stateChanges(given, result)) {
      if (value !== undefined && compartment !== 'secure') state.place(name, value, compartment);
      else state.displace(name, compartment);
    }
    const action = await runWrapped(result.config);
    return 'problem' in action ? refuse(action.problem) : action;
  },
});
