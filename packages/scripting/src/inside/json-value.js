import { mapMethods } from './java-map.js';
import { hasOwn, isMap, iteratorOf, orNull, stringify } from './values.js';

/** The wrapper that the first engine hands out. */
export class JsonValue {
  #value;
  constructor(value) {
    this.#value = value instanceof JsonValue ? value.getObject() : orNull(value);
  }
  static json(value) {
    return new JsonValue(value);
  }
  #as(kind, fits, convert) {
    const value = this.#value;
    if (value === null) return null;
    if (!fits(value)) throw new Error(`JsonValueException: Expecting a ${kind}`);
    return convert === undefined ? value : convert(value);
  }
  getObject() {
    return this.#value;
  }
  asString() {
    return this.#as('java.lang.String', (value) => typeof value === 'string' || value instanceof String, String);
  }
  asInteger() {
    return this.#as('java.lang.Number', (value) => typeof value === 'number', Math.trunc);
  }
  asLong() {
    return this.asInteger();
  }
  asDouble() {
    return this.#as('java.lang.Number', (value) => typeof value === 'number');
  }
  asNumber() {
    return this.asDouble();
  }
  asBoolean() {
    return this.#as('java.lang.Boolean', (value) => typeof value === 'boolean');
  }
  asList() {
    return this.#as('java.util.List', Array.isArray);
  }
  asSet() {
    return this.asList();
  }
  asCollection() {
    return this.asList();
  }
  asMap() {
    return this.#as('java.util.Map', isMap);
  }
  isNull() {
    return this.#value === null;
  }
  isNotNull() {
    return this.#value !== null;
  }
  isString() {
    return typeof this.#value === 'string';
  }
  isNumber() {
    return typeof this.#value === 'number';
  }
  isBoolean() {
    return typeof this.#value === 'boolean';
  }
  isList() {
    return Array.isArray(this.#value);
  }
  isCollection() {
    return this.isList();
  }
  isMap() {
    return isMap(this.#value);
  }
  isDefined(key) {
    return this.isMap() && hasOwn(this.#value, key);
  }
  contains(value) {
    return this.isList() ? this.#value.contains(value) : this.isMap() && Object.values(this.#value).contains(value);
  }
  get(key) {
    const value = this.#value;
    return new JsonValue(this.isList() ? value[key] : this.isMap() && hasOwn(value, key) ? value[key] : null);
  }
  put(key, value) {
    if (this.isList()) this.#value[key] = value;
    else mapMethods.put.call(this.asMap() ?? this.#fail(), key, value);
    return this;
  }
  add(...given) {
    if (given.length > 1) return this.put(given[0], given[1]);
    (this.asList() ?? this.#fail()).push(given[0]);
    return this;
  }
  remove(key) {
    if (this.isMap()) delete this.#value[key];
    else if (this.isList()) this.#value.splice(key, 1);
  }
  keys() {
    return this.isMap() ? Object.keys(this.#value) : [];
  }
  size() {
    return this.isList() ? this.#value.length : this.keys().length;
  }
  isEmpty() {
    return this.size() === 0;
  }
  iterator() {
    return iteratorOf((this.isList() ? this.#value : []).map((value) => new JsonValue(value)));
  }
  defaultTo(value) {
    return this.#value === null ? new JsonValue(value) : this;
  }
  required() {
    if (this.#value === null) this.#fail();
    return this;
  }
  #fail() {
    throw new Error('JsonValueException: Expecting a value');
  }
  toString() {
    return stringify(this.#value);
  }
  toJSON() {
    return this.#value;
  }
}

export const unwrapped = (value) => (value instanceof JsonValue ? value.getObject() : value);
