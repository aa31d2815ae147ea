import { utf8 } from './bytes.js';
import { addHidden, iteratorOf, orNull, sameText, sameValue } from './values.js';

// `x.length()` cannot be, where length is a number; the worker spells it `x.$count()` before the script is compiled.
addHidden(Object.prototype, {
  $count() {
    return typeof this.length === 'function' ? this.length() : this.length;
  },
});

addHidden(String.prototype, {
  equals(other) {
    return other !== null && other !== undefined && sameText(this, other);
  },
  equalsIgnoreCase(other) {
    return other !== null && other !== undefined && String(this).toLowerCase() === String(other).toLowerCase();
  },
  isEmpty() {
    return String(this) === '';
  },
  isBlank() {
    return String(this).trim() === '';
  },
  contains(part) {
    return String(this).includes(String(part));
  },
  matches(pattern) {
    return new RegExp(`^(?:${pattern})$`).test(String(this));
  },
  replaceFirst(pattern, replacement) {
    return String(this).replace(new RegExp(pattern), replacement);
  },
  compareTo(other) {
    return String(this) < String(other) ? -1 : sameText(this, other) ? 0 : 1;
  },
  compareToIgnoreCase(other) {
    return String(this).toLowerCase().compareTo(String(other).toLowerCase());
  },
  hashCode() {
    let hash = 0;
    for (let at = 0; at < this.length; at += 1) hash = (31 * hash + this.charCodeAt(at)) | 0;
    return hash;
  },
  toCharArray() {
    return String(this).split('');
  },
  getBytes() {
    return utf8(this);
  },
  strip() {
    return String(this).trim();
  },
});

addHidden(Number.prototype, {
  intValue() {
    return Math.trunc(this);
  },
  longValue() {
    return Math.trunc(this);
  },
  doubleValue() {
    return Number(this);
  },
  equals(other) {
    return Number(this) === Number(other);
  },
  compareTo(other) {
    return Math.sign(this - other);
  },
});

addHidden(Boolean.prototype, {
  booleanValue() {
    return this.valueOf();
  },
  equals(other) {
    return this.valueOf() === other;
  },
});

addHidden(Array.prototype, {
  get(at) {
    if (at < 0 || at >= this.length) {
      throw new Error(`java.lang.IndexOutOfBoundsException: Index ${at} out of bounds for length ${this.length}`);
    }
    return this[at];
  },
  set(at, value) {
    const old = this[at];
    this[at] = value;
    return old;
  },
  size() {
    return this.length;
  },
  isEmpty() {
    return this.length === 0;
  },
  contains(value) {
    return this.some((member) => sameValue(member, value));
  },
  containsAll(values) {
    return [...values].every((value) => this.contains(value));
  },
  add(...given) {
    if (given.length > 1) this.splice(given[0], 0, given[1]);
    else this.push(given[0]);
    return true;
  },
  addAll(values) {
    for (const value of values) this.add(value);
    return values.length > 0;
  },
  remove(given) {
    const at = typeof given === 'number' ? given : this.findIndex((member) => sameValue(member, given));
    return at < 0 ? false : orNull(this.splice(at, 1)[0]);
  },
  clear() {
    this.length = 0;
  },
  iterator() {
    return iteratorOf(this);
  },
  toArray() {
    return [...this];
  },
  subList(from, to) {
    return this.slice(from, to);
  },
});
