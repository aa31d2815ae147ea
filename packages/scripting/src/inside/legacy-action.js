import { actionMethods } from './action-methods.js';
import { specOf } from './callbacks.js';
import { mapMethods } from './java-map.js';
import { unwrapped } from './json-value.js';
import { state } from './node-state.js';
import { notAvailable } from './unavailable.js';

/** What both engines of old AM call an action, with its builder. */
export const actions = new WeakMap();
const actionBuilder = (kind) => {
  const result = { ...kind, properties: [], presentation: {} };
  const builder = {
    ...actionMethods(result, () => builder),
    replaceSharedState(values) {
      replaceAll(state.shared, unwrapped(values));
      return builder;
    },
    replaceTransientState(values) {
      replaceAll(state.transient, unwrapped(values));
      return builder;
    },
    addSessionHook() {
      throw notAvailable('addSessionHook');
    },
    addWebhook() {
      throw notAvailable('addWebhook');
    },
    build() {
      const action = { outcome: kind.outcome };
      actions.set(action, result);
      return action;
    },
  };
  return builder;
};

const replaceAll = (map, values) => {
  if (values === map) return;
  const given = { ...values };
  mapMethods.clear.call(map);
  mapMethods.putAll.call(map, given);
};

export const Action = {
  goTo: (outcome) => actionBuilder({ outcome: String(outcome) }),
  send(...given) {
    const list = given.flatMap((one) => (Array.isArray(one) ? one : [one]));
    return actionBuilder({ callbacks: list.map(specOf) });
  },
  suspend() {
    throw notAvailable('Action.suspend');
  },
};
