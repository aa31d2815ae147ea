/**
 * The program inside the sandbox, never in the server: these modules are evaluated in a fresh QuickJS context before a script
 * is. So they may import nothing but each other, and everything that they are given or give back is JSON text.
 *
 * `start` puts the bindings of a script in place; `finish` and `report` say what the script wants. What they say is the
 * script's word: the node that asked for the run checks it.
 */
import './java-methods.js';
import { bothEngines, legacyBindings, nextBindings } from './bindings.js';
import { toJava } from './java-map.js';
import { actions } from './legacy-action.js';
import { libraries } from './libraries.js';
import { setState, state } from './node-state.js';
import { seedRandom } from './random.js';
import { LOG_LENGTH, scriptResult } from './result.js';
import { setUsers, usernameOf } from './users.js';
import { define, isMap, parse, stringify } from './values.js';

let wantsConfig = false;

export const start = (engine, json) => {
  const given = parse(json);
  seedRandom(given.seed);
  setState({ shared: toJava(given.shared), transient: toJava(given.transient), secure: toJava(given.secure) });
  setUsers(given.users);
  wantsConfig = given.wantsConfig === true;
  libraries.sources = given.libraries;
  const bindings = { ...bothEngines(given), ...(engine === '1.0' ? legacyBindings(given) : nextBindings(given)) };
  for (const name of Object.keys(bindings)) {
    define(globalThis, name, { value: bindings[name], writable: true, configurable: true, enumerable: false });
  }
};

/** What a script that makes settings leaves in `config`; nothing where that is no map. */
const settingsIn = (config) => (wantsConfig && isMap(config) ? { config } : {});

export const finish = (engine, outcome, action, auditDetail, config) => {
  const built = engine === '1.0' && typeof action === 'object' && action !== null ? actions.get(action) : undefined;
  const result = built ?? scriptResult;
  const asked =
    built === undefined ? (scriptResult.outcome ?? (outcome === null ? undefined : outcome)) : built.outcome;
  return stringify({
    shared: state.shared,
    transient: state.transient,
    secure: Object.keys(state.secure),
    ...(asked !== undefined && { outcome: String(asked) }),
    callbacks: result.callbacks ?? [],
    properties: result.properties,
    presentation: result.presentation,
    errorMessage: result.errorMessage,
    lockoutMessage: result.lockoutMessage,
    identified: result.identified === undefined ? undefined : usernameOf(result.identified),
    maxSessionMinutes: result.maxSessionMinutes,
    maxIdleMinutes: result.maxIdleMinutes,
    identityChanges: scriptResult.identityChanges,
    ...(auditDetail !== undefined && auditDetail !== null && { auditDetail: String(auditDetail).slice(0, LOG_LENGTH) }),
    ...settingsIn(config),
    logs: scriptResult.logs,
  });
};

export const report = () => stringify({ logs: scriptResult.logs, wanted: scriptResult.wanted });
