import { copyOf, javaMap, mapMethods } from './java-map.js';
import { unwrapped } from './json-value.js';
import { hasOwn, isMap } from './values.js';

const CONTAINERS = ['objectAttributes'];
export let state = { shared: javaMap(), transient: javaMap(), secure: javaMap() };
export const setState = (given) => {
  state = given;
};

const compartments = () => [state.transient, state.secure, state.shared];
const lookUp = (key) => compartments().find((map) => hasOwn(map, key))?.[key];
const keysOf = () => [...new Set(compartments().flatMap((map) => Object.keys(map)))];
const put = (map, key, value) => mapMethods.put.call(map, String(key), unwrapped(value));
const merge = (into, values) => {
  const given = unwrapped(values);
  for (const key of Object.keys(given)) {
    const value = unwrapped(given[key]);
    const isContainer = CONTAINERS.includes(key);
    if (isMap(value) && !isContainer) throw new Error(`Only ${CONTAINERS.join(', ')} may hold a map: "${key}"`);
    for (const map of compartments()) {
      if (map === into || !hasOwn(map, key)) continue;
      if (!isContainer) delete map[key];
      else for (const member of Object.keys(value)) delete map[key][member];
    }
    put(into, key, isContainer ? Object.assign(javaMap(), into[key], value) : value);
  }
};

const merged = (key) => {
  const values = [state.shared, state.secure, state.transient].map((map) => map[key]).filter(isMap);
  return values.length === 0 ? lookUp(key) : copyOf(Object.assign({}, ...values));
};

export const stateFor = (wrap) => {
  const nodeState = {
    get: (key) => wrap(lookUp(key)),
    getObject: (key) => wrap(merged(key)),
    isDefined: (key) => lookUp(key) !== undefined,
    keys: () => keysOf(),
    putShared(key, value) {
      put(state.shared, key, value);
      return nodeState;
    },
    putTransient(key, value) {
      put(state.transient, key, value);
      return nodeState;
    },
    mergeShared(values) {
      merge(state.shared, values);
      return nodeState;
    },
    mergeTransient(values) {
      merge(state.transient, values);
      return nodeState;
    },
    remove(key) {
      for (const map of compartments()) delete map[key];
    },
  };
  return nodeState;
};
