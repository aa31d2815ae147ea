import { addHidden, define, hasOwn, isMap, orNull, parse, sameValue, stringify } from './values.js';

/** A map that answers to Java's methods and to `map.key`. */
export const mapMethods = Object.create(Object.prototype);
addHidden(mapMethods, {
  get(key) {
    return hasOwn(this, key) ? orNull(this[key]) : null;
  },
  getOrDefault(key, otherwise) {
    return hasOwn(this, key) ? this[key] : otherwise;
  },
  put(key, value) {
    const old = hasOwn(this, key) ? this[key] : null;
    define(this, key, { value, writable: true, enumerable: true, configurable: true });
    return old;
  },
  putIfAbsent(key, value) {
    return hasOwn(this, key) ? this[key] : mapMethods.put.call(this, key, value);
  },
  putAll(other) {
    for (const key of Object.keys(other)) mapMethods.put.call(this, key, other[key]);
  },
  remove(key) {
    const old = hasOwn(this, key) ? this[key] : null;
    delete this[key];
    return old;
  },
  containsKey(key) {
    return hasOwn(this, key);
  },
  containsValue(value) {
    return Object.values(this).contains(value);
  },
  keySet() {
    return Object.keys(this);
  },
  values() {
    return Object.values(this);
  },
  entrySet() {
    return Object.entries(this).map(([key, value]) => ({ getKey: () => key, getValue: () => value, key, value }));
  },
  isEmpty() {
    return Object.keys(this).length === 0;
  },
  size() {
    return Object.keys(this).length;
  },
  clear() {
    for (const key of Object.keys(this)) delete this[key];
  },
  equals(other) {
    return sameValue(this, other);
  },
  toString() {
    return `{${Object.entries(this)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')}}`;
  },
});

export const javaMap = (from = {}) => {
  const map = Object.create(mapMethods);
  mapMethods.putAll.call(map, from);
  return map;
};

/** Gives every object of a JSON value Java's methods; in place. */
export const toJava = (value) => {
  if (Array.isArray(value)) for (const member of value) toJava(member);
  else if (isMap(value)) {
    for (const key of Object.keys(value)) toJava(value[key]);
    Object.setPrototypeOf(value, mapMethods);
  }
  return value;
};

export const copyOf = (value) => (value === undefined ? undefined : toJava(parse(stringify(value))));
