import { actionMethods } from './action-methods.js';
import { decode64, encode64, textOfBytes, urlSafe, utf8 } from './bytes.js';
import {
  ChoiceCallback,
  ConfirmationCallback,
  HiddenValueCallback,
  MetadataCallback,
  NameCallback,
  PasswordCallback,
  PollingWaitCallback,
  RedirectCallback,
  restore,
  ScriptTextOutputCallback,
  SuspendedTextOutputCallback,
  specOf,
  TextInputCallback,
  TextOutputCallback,
} from './callbacks.js';
import { javaMap, toJava } from './java-map.js';
import { classes, importInto, javaPackage } from './java-packages.js';
import { JsonValue } from './json-value.js';
import { requireLibrary } from './libraries.js';
import { logger } from './logger.js';
import { state, stateFor } from './node-state.js';
import { scriptResult } from './result.js';
import { absent, notAvailable } from './unavailable.js';
import { legacyIdRepository, nextIdRepository } from './users.js';
import { addHidden, orNull } from './values.js';

/** Names are looked up without regard to case, as HTTP has them. */
const headerMap = (headers) => {
  const map = toJava(headers);
  addHidden(map, { get: (name) => map[String(name).toLowerCase()] ?? null });
  return map;
};

export const bothEngines = (given) => ({
  logger,
  realm: given.realm,
  scriptName: given.scriptName,
  resumedFromSuspend: false,
  requestHeaders: headerMap(given.requestHeaders),
  requestParameters: toJava(given.requestParameters),
  requestCookies: toJava(given.requestCookies),
  ...(given.existingSession !== undefined && { existingSession: toJava(given.existingSession) }),
  httpClient: absent('httpClient'),
  secrets: absent('secrets'),
  openidm: absent('openidm'),
  systemEnv: { getProperty: (_name, otherwise) => orNull(otherwise) },
});

export const legacyBindings = (given) => {
  const imports = (...items) => importInto(globalThis, items);
  return {
    nodeState: stateFor((value) => (value === undefined || value === null ? null : new JsonValue(value))),
    sharedState: state.shared,
    transientState: state.transient,
    callbacks: given.callbacks.map(restore),
    idRepository: legacyIdRepository,
    JavaImporter: function JavaImporter(...items) {
      return importInto({}, items);
    },
    importPackage: imports,
    importClass: imports,
    Packages: javaPackage(''),
    java: javaPackage('java'),
    javax: javaPackage('javax'),
    org: javaPackage('org'),
    com: javaPackage('com'),
    Java: { type: (name) => classes.get(String(name)) ?? javaPackage(String(name)) },
  };
};

export const nextBindings = (given) => {
  const callbacks = given.callbacks.map(restore);
  const answersOf = (Kind, value) => callbacks.filter((one) => one instanceof Kind).map(value);
  addHidden(callbacks, {
    getNameCallbacks: () => answersOf(NameCallback, (one) => one.getName()),
    getPasswordCallbacks: () => answersOf(PasswordCallback, (one) => one.getPassword()),
    getTextInputCallbacks: () => answersOf(TextInputCallback, (one) => one.getText()),
    getChoiceCallbacks: () => answersOf(ChoiceCallback, (one) => one.getSelectedIndexes()),
    getConfirmationCallbacks: () => answersOf(ConfirmationCallback, (one) => one.getSelectedIndex()),
    getHiddenValueCallbacks: () =>
      javaMap(Object.fromEntries(answersOf(HiddenValueCallback, (one) => [one.getId(), one.getValue()]))),
  });
  const build = (callback) => {
    scriptResult.callbacks.push(specOf(callback));
  };
  const action = {
    goTo(outcome) {
      scriptResult.outcome = String(outcome);
      return action;
    },
    suspend() {
      throw notAvailable('action.suspend');
    },
    ...actionMethods(scriptResult, () => action),
  };
  return {
    nodeState: stateFor(orNull),
    callbacks,
    action,
    callbacksBuilder: {
      nameCallback: (...of) => build(new NameCallback(...of)),
      passwordCallback: (...of) => build(new PasswordCallback(...of)),
      textInputCallback: (...of) => build(new TextInputCallback(...of)),
      textOutputCallback: (...of) => build(new TextOutputCallback(...of)),
      scriptTextOutputCallback: (...of) => build(new ScriptTextOutputCallback(...of)),
      hiddenValueCallback: (...of) => build(new HiddenValueCallback(...of)),
      choiceCallback: (...of) => build(new ChoiceCallback(...of)),
      confirmationCallback: (...of) => build(new ConfirmationCallback(...of)),
      pollingWaitCallback: (...of) => build(new PollingWaitCallback(...of)),
      metadataCallback: (...of) => build(new MetadataCallback(...of)),
      redirectCallback(url, data, method, trackingCookie) {
        const callback = new RedirectCallback(url, data, method);
        callback.setTrackingCookie(trackingCookie);
        build(callback);
      },
      suspendedTextOutputCallback: () => new SuspendedTextOutputCallback(),
    },
    idRepository: nextIdRepository,
    jwtAssertion: absent('jwtAssertion'),
    jwtValidator: absent('jwtValidator'),
    utils: {
      base64: { encode: encode64, decode: (text) => textOfBytes(decode64(text)) },
      base64url: { encode: (text) => urlSafe(encode64(text)), decode: (text) => textOfBytes(decode64(text)) },
      types: { stringToBytes: utf8, bytesToString: textOfBytes },
      crypto: absent('utils.crypto'),
    },
    require: requireLibrary,
  };
};
