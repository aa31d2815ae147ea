import { decode64, encode64, urlSafe } from './bytes.js';
import {
  ChoiceCallback,
  ConfirmationCallback,
  HiddenValueCallback,
  MetadataCallback,
  NameCallback,
  PasswordCallback,
  PollingWaitCallback,
  RedirectCallback,
  ScriptTextOutputCallback,
  SuspendedTextOutputCallback,
  TextInputCallback,
  TextOutputCallback,
} from './callbacks.js';
import { javaMap } from './java-map.js';
import { ArrayList, HashMap, HashSet, JavaString, numberClass, parseNumber } from './java-types.js';
import { JsonValue } from './json-value.js';
import { Action } from './legacy-action.js';
import { notAvailable } from './unavailable.js';

/** Scripts may prepare a request; sending it is where it ends. */
class HttpRequest {
  setUri() {
    return this;
  }
  setMethod() {
    return this;
  }
  setEntity() {
    return this;
  }
  getEntity() {
    return { setString: () => undefined, setJson: () => undefined };
  }
  getHeaders() {
    return { add: () => undefined, put: () => undefined };
  }
  addHeader() {
    return this;
  }
}

const callbackClasses = {
  NameCallback,
  PasswordCallback,
  TextInputCallback,
  TextOutputCallback,
  ChoiceCallback,
  ConfirmationCallback,
};

export const classes = new Map();
const addClasses = (path, members) => {
  for (const name of Object.keys(members)) classes.set(`${path}.${name}`, members[name]);
};

addClasses('javax.security.auth.callback', callbackClasses);
addClasses('com.sun.identity.authentication.callbacks', { HiddenValueCallback, ScriptTextOutputCallback });
addClasses('com.sun.identity.authentication.spi', { MetadataCallback, RedirectCallback });
addClasses('org.forgerock.openam.authentication.callbacks', { PollingWaitCallback });
addClasses('org.forgerock.openam.auth.node.api', { Action, SuspendedTextOutputCallback });
addClasses('org.forgerock.json', { JsonValue });
addClasses('org.forgerock.http.protocol', { Request: HttpRequest });
addClasses('org.forgerock.util.encode', {
  Base64: { encode: encode64, decode: decode64 },
  Base64url: { encode: (given) => urlSafe(encode64(given)), decode: decode64 },
});

addClasses('java.lang', {
  String: JavaString,
  Integer: numberClass({ parseInt: parseNumber, MAX_VALUE: 2147483647 }),
  Long: numberClass({ parseLong: parseNumber }),
  Double: numberClass({ parseDouble: parseNumber }),
  Boolean: Object.assign((value) => String(value) === 'true', {
    parseBoolean: (value) => String(value).toLowerCase() === 'true',
    valueOf: (value) => String(value).toLowerCase() === 'true',
    TRUE: true,
    FALSE: false,
  }),
  Math,
  System: { currentTimeMillis: () => Date.now(), getProperty: () => null, getenv: () => null },
});

addClasses('java.util', {
  ArrayList,
  LinkedList: ArrayList,
  HashMap,
  LinkedHashMap: HashMap,
  TreeMap: HashMap,
  HashSet,
  LinkedHashSet: HashSet,
  Date,
  Arrays: { asList: (...given) => (given.length === 1 && Array.isArray(given[0]) ? [...given[0]] : given) },
  Collections: {
    emptyList: () => [],
    emptyMap: () => javaMap(),
    emptySet: () => [],
    singletonList: (value) => [value],
    singleton: (value) => [value],
    singletonMap: (key, value) => javaMap({ [key]: value }),
  },
  Base64: {
    getEncoder: () => ({ encodeToString: encode64 }),
    getDecoder: () => ({ decode: decode64 }),
    getUrlEncoder: () => ({ encodeToString: (given) => urlSafe(encode64(given)) }),
    getUrlDecoder: () => ({ decode: decode64 }),
  },
});

const nameOfClass = new Map([...classes].map(([name, value]) => [value, name.slice(name.lastIndexOf('.') + 1)]));
const pathOfPackage = new WeakMap();
export const javaPackage = (path) => {
  const missing = () => {
    throw notAvailable(`The Java class ${path}`);
  };
  const proxy = new Proxy(function none() {}, {
    get(_target, name) {
      if (typeof name === 'symbol') return undefined;
      const full = path === '' ? name : `${path}.${name}`;
      return classes.get(full) ?? javaPackage(full);
    },
    apply: missing,
    construct: missing,
  });
  pathOfPackage.set(proxy, path);
  return proxy;
};

export const importInto = (target, given) => {
  for (const one of given) {
    const known = nameOfClass.get(one);
    const path = known === undefined ? pathOfPackage.get(one) : undefined;
    if (known !== undefined) target[known] = one;
    else if (path !== undefined) {
      const last = path.slice(path.lastIndexOf('.') + 1);
      if (/^[A-Z]/.test(last)) target[last] = one;
      for (const [name, value] of classes) {
        const end = name.lastIndexOf('.');
        if (name.slice(0, end) === path) target[name.slice(end + 1)] = value;
      }
    }
  }
  return target;
};
