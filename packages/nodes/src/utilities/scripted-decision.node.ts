import { defineNode, identities, SECRET_ATTRIBUTES, SERVER_ATTRIBUTES } from '@assent/engine';
import { z } from 'zod';
import { NO_SCRIPT, requestBindings, runScript } from '../scripting/run-script.ts';
import { scriptCallback, sentCallback } from '../scripting/script-callbacks.ts';
import { ALL, stateChanges, visibleState } from '../scripting/script-state.ts';
import { scripts } from '../scripting/scripts.ts';

/** Who administers, and what proves who somebody is, is not for a script to say. */
const PROTECTED_ATTRIBUTES: ReadonlySet<string> = new Set(['assentRoles', ...SERVER_ATTRIBUTES, ...SECRET_ATTRIBUTES]);

/** Lets a script decide, ask and remember. @see spec: journeys-rest §7.18 */
export const scriptedDecision = defineNode({
  type: 'ScriptedDecisionNode',
  title: 'Scripted Decision',
  help: 'Runs a script of the realm, which asks the user for something or decides how the journey goes on.',
  tags: ['utilities'],

  config: z.object({
    script: z.string().default(NO_SCRIPT).meta({ title: 'Script', description: 'The id of the script in this realm.' }),
    outcomes: z
      .array(z.string().min(1))
      .refine((outcomes) => new Set(outcomes).size === outcomes.length, 'An outcome is listed twice.')
      .default([])
      .meta({ title: 'Outcomes', description: 'Every outcome that the script can decide on.' }),
    inputs: z
      .array(z.string())
      .default([ALL])
      .meta({ title: 'Script Inputs', description: 'The state that the script sees; * stands for all of it.' }),
    outputs: z
      .array(z.string())
      .default([ALL])
      .meta({ title: 'Script Outputs', description: 'The state that the script may change; * stands for all of it.' }),
  }),
  outcomes: ({ outcomes }) => Object.fromEntries(outcomes.map((outcome) => [outcome, outcome])),
  // `*` names nothing, so it keeps no secret alive over a round trip (spec: journeys-rest §5.3).
  dynamicInputs: ({ inputs }) => inputs.filter((name) => name !== ALL),
  dynamicOutputs: ({ outputs }) => (outputs.includes(ALL) ? 'anything' : outputs),
  script: ({ script }) => (script === NO_SCRIPT ? undefined : script),
  sends: 'anything',
  uses: [scripts, identities],
  errors: {
    noScript: 'Data validation failed for the attribute, Script',
    invalidOutcome: "Invalid outcome from script, '{{outcome}}'",
    failed: 'The script "{{script}}" (engine {{engine}}) failed{{line}}: {{message}}',
    notAnOutput: 'The script "{{script}}" changed the state "{{name}}", which is not among its outputs',
    protectedAttribute: 'The script "{{script}}" may not change the attribute "{{name}}"',
  },

  async process({ config, state, ports, realm, request, journey, sent, answers, log, fail, goTo, send }) {
    const script = ports.scripts.find(config.script) ?? fail('noScript');
    const given = visibleState(state.compartments(), config.inputs);
    const bindings = {
      ...given,
      callbacks: sent.map((callback, at) => scriptCallback(callback, answers[at])),
      ...requestBindings(request),
    };
    const run = await runScript(ports, script, bindings, log);
    if ('failed' in run) {
      return fail('failed', { script: script.name, engine: script.evaluatorVersion, ...run.failed });
    }

    const { result } = run;
    const { outcome } = result;
    const asks = outcome === undefined && result.callbacks.length > 0;
    if (!asks && !config.outcomes.includes(outcome ?? '')) {
      return fail('invalidOutcome', { outcome: (outcome ?? 'null').slice(0, 256) });
    }
    const outputs = new Set(config.outputs);
    for (const { compartment, name, value } of stateChanges(given, result)) {
      if (!outputs.has(ALL) && !outputs.has(name)) {
        fail('notAnOutput', { script: script.name, name });
      }
      if (value !== undefined && compartment !== 'secure') state.place(name, value, compartment);
      else state.displace(name, compartment);
    }
    for (const { username, attribute, values } of result.identityChanges) {
      if (PROTECTED_ATTRIBUTES.has(attribute)) fail('protectedAttribute', { script: script.name, name: attribute });
      await ports.identities.update(username, attribute, () => values);
    }
    for (const [name, value] of result.properties) {
      if (value === undefined) journey.removeSessionProperty(name);
      else journey.setSessionProperty(name, value);
    }
    if (result.identified !== undefined) journey.identifyByName(result.identified);
    if (result.errorMessage !== undefined) journey.setErrorMessage(result.errorMessage);
    if (result.lockoutMessage !== undefined) journey.setLockoutMessage(result.lockoutMessage);
    if (result.maxSessionMinutes !== undefined) journey.setMaxSessionMinutes(result.maxSessionMinutes);
    if (result.maxIdleMinutes !== undefined) journey.setMaxIdleMinutes(result.maxIdleMinutes);

    const detail = {
      script: script.name,
      realm: realm.realm,
      ...(result.auditDetail !== undefined && { auditEntryDetail: result.auditDetail }),
    };
    if (!asks) return goTo(outcome ?? '', detail);
    if (result.auditDetail !== undefined) journey.audit('JOURNEY_STEP', detail);
    const { stage, header, description } = result.presentation;
    return {
      ...send(...result.callbacks.map(sentCallback)),
      presentation: { ...(stage && { stage }), ...(header && { header }), ...(description && { description }) },
    };
  },
});
