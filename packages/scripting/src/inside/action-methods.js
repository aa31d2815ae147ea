import { notAvailable } from './unavailable.js';

/** Sessions and limits take minutes; Java's durations know theirs. */
const minutesOf = (given) => (typeof given?.toMinutes === 'function' ? given.toMinutes() : Number(given));

/** The part of an action that both engines share. */
export const actionMethods = (to, self) => ({
  putSessionProperty(name, value) {
    to.properties.push([String(name), String(value)]);
    return self();
  },
  removeSessionProperty(name) {
    to.properties.push([String(name)]);
    return self();
  },
  withErrorMessage(text) {
    to.errorMessage = String(text);
    return self();
  },
  withLockoutMessage(text) {
    to.lockoutMessage = String(text);
    return self();
  },
  withHeader(text) {
    to.presentation.header = String(text);
    return self();
  },
  withDescription(text) {
    to.presentation.description = String(text);
    return self();
  },
  withStage(text) {
    to.presentation.stage = String(text);
    return self();
  },
  withUniversalId(name) {
    to.identified = String(name);
    return self();
  },
  withIdentifiedUser(name) {
    to.identified = String(name);
    return self();
  },
  withIdentifiedIdentity(name) {
    to.identified = String(name);
    return self();
  },
  withIdentifiedAgent() {
    throw notAvailable('withIdentifiedAgent');
  },
  withMaxSessionTime(given) {
    to.maxSessionMinutes = minutesOf(given);
    return self();
  },
  withMaxIdleTime(given) {
    to.maxIdleMinutes = minutesOf(given);
    return self();
  },
});
