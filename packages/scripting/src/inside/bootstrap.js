/**
 * Runs inside the sandbox, never in the server: its source text is evaluated in a fresh QuickJS context before a script
 * is. So it may use nothing from outside this function, and everything that it is given or gives back is JSON text.
 *
 * It returns `start`, which puts the bindings of a script in place, and `finish` and `report`, which say what the script
 * wants. What it says is the script's word: the node that asked for the run checks it.
 */
export function bootstrap() {
  const { parse, stringify } = JSON;
  const define = Object.defineProperty;
  const LOG_LINES = 50;
  const LOG_LENGTH = 1024;

  /** Adds members that `for … in` and JSON do not see. */
  const addHidden = (target, members) => {
    for (const name of Object.keys(members)) {
      define(target, name, { value: members[name], writable: true, configurable: true, enumerable: false });
    }
  };
  const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const orNull = (value) => (value === undefined ? null : value);
  const sameText = (a, b) => String(a) === String(b);
  const sameValue = (a, b) => a === b || sameText(a, b) || (isMap(a) && isMap(b) && stringify(a) === stringify(b));
  const iteratorOf = (values) => {
    let at = 0;
    return {
      hasNext: () => at < values.length,
      next: () => {
        if (at >= values.length) throw new Error('java.util.NoSuchElementException');
        at += 1;
        return values[at - 1];
      },
    };
  };

  // ── Java's methods on what scripts are given ────────────────────────────────────────────────────────────────────

  // `x.length()` cannot be, where length is a number; the worker spells it `x.$count()` before the script is compiled.
  addHidden(Object.prototype, {
    $count() {
      return typeof this.length === 'function' ? this.length() : this.length;
    },
  });
  const utf8 = (text) => {
    const bytes = [];
    for (const character of String(text)) {
      const code = character.codePointAt(0);
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return bytes;
  };
  const textOfBytes = (bytes) => {
    let escaped = '';
    for (const byte of bytes) escaped += `%${(byte & 0xff).toString(16).padStart(2, '0')}`;
    return decodeURIComponent(escaped);
  };
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

  /** A map that answers to Java's methods and to `map.key`. */
  const mapMethods = Object.create(Object.prototype);
  const hasOwn = Object.hasOwn;
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
  const javaMap = (from = {}) => {
    const map = Object.create(mapMethods);
    mapMethods.putAll.call(map, from);
    return map;
  };
  /** Gives every object of a JSON value Java's methods; in place. */
  const toJava = (value) => {
    if (Array.isArray(value)) for (const member of value) toJava(member);
    else if (isMap(value)) {
      for (const key of Object.keys(value)) toJava(value[key]);
      Object.setPrototypeOf(value, mapMethods);
    }
    return value;
  };
  const copyOf = (value) => (value === undefined ? undefined : toJava(parse(stringify(value))));

  /** The wrapper that the first engine hands out. */
  class JsonValue {
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

  // ── What the script wants ───────────────────────────────────────────────────────────────────────────────────────

  const wishes = {
    logs: [],
    callbacks: [],
    properties: [],
    identityChanges: [],
    presentation: {},
    outcome: undefined,
    wanted: undefined,
  };
  const notAvailable = (what) => new Error(`${what} is not available to scripts of this server`);
  /** Stands for something that scripts may not have: every use of it says so. */
  const absent = (what) =>
    new Proxy(function none() {}, {
      get: (_target, name) =>
        typeof name === 'symbol'
          ? undefined
          : () => {
              throw notAvailable(what);
            },
      apply: () => {
        throw notAvailable(what);
      },
      construct: () => {
        throw notAvailable(what);
      },
    });

  const log = (level) => {
    const write = (message, ...values) => {
      if (wishes.logs.length >= LOG_LINES) return;
      let text = String(message);
      for (const value of values) text = text.replace('{}', () => String(value));
      wishes.logs.push({ level, text: text.slice(0, LOG_LENGTH) });
    };
    return write;
  };
  const enabled = () => true;
  const logger = {
    trace: log('debug'),
    debug: log('debug'),
    info: log('info'),
    message: log('info'),
    warn: log('warn'),
    warning: log('warn'),
    error: log('error'),
    isTraceEnabled: enabled,
    isDebugEnabled: enabled,
    isInfoEnabled: enabled,
    isWarnEnabled: enabled,
    isErrorEnabled: enabled,
    messageEnabled: enabled,
    warningEnabled: enabled,
    errorEnabled: enabled,
  };

  /** Sessions and limits take minutes; Java's durations know theirs. */
  const minutesOf = (given) => (typeof given?.toMinutes === 'function' ? given.toMinutes() : Number(given));
  /** The part of an action that both engines share. */
  const effectMethods = (to, self) => ({
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

  // ── Callbacks ───────────────────────────────────────────────────────────────────────────────────────────────────

  const specs = new WeakMap();
  const specOf = (callback) => {
    const spec = specs.get(callback);
    if (spec === undefined) throw new Error('Action.send takes callbacks');
    return spec;
  };
  const answers = new WeakMap();
  const answerOf = (callback, suffix = '') => orNull(answers.get(callback)?.[suffix]);
  const MESSAGE = { INFORMATION: 0, WARNING: 1, ERROR: 2 };
  const textOf = (value) => (value === undefined || value === null ? '' : String(value));
  const textsOf = (values) => [...values].map(textOf);

  class NameCallback {
    constructor(prompt, initial) {
      specs.set(this, {
        kind: 'name',
        prompt: textOf(prompt),
        ...(initial !== undefined && { initial: textOf(initial) }),
      });
    }
    getPrompt() {
      return specOf(this).prompt;
    }
    getName() {
      return answerOf(this);
    }
  }
  class PasswordCallback {
    constructor(prompt) {
      specs.set(this, { kind: 'password', prompt: textOf(prompt) });
    }
    getPrompt() {
      return specOf(this).prompt;
    }
    getPassword() {
      return answerOf(this);
    }
  }
  class TextInputCallback {
    constructor(prompt, initial) {
      specs.set(this, {
        kind: 'textInput',
        prompt: textOf(prompt),
        ...(initial !== undefined && { initial: textOf(initial) }),
      });
    }
    getPrompt() {
      return specOf(this).prompt;
    }
    getText() {
      return answerOf(this);
    }
  }
  class TextOutputCallback {
    constructor(messageType, message) {
      specs.set(this, { kind: 'textOutput', messageType: Number(messageType), message: textOf(message) });
    }
    getMessage() {
      return specOf(this).message;
    }
    getMessageType() {
      return specOf(this).messageType;
    }
  }
  Object.assign(TextOutputCallback, MESSAGE);
  class ScriptTextOutputCallback extends TextOutputCallback {
    constructor(script) {
      super(4, script);
    }
  }
  class SuspendedTextOutputCallback {
    constructor() {
      throw notAvailable('SuspendedTextOutputCallback');
    }
  }
  class HiddenValueCallback {
    constructor(id, value) {
      specs.set(this, { kind: 'hiddenValue', id: textOf(id), value: textOf(value) });
    }
    getId() {
      return specOf(this).id;
    }
    getValue() {
      return answers.has(this) ? answerOf(this) : specOf(this).value;
    }
  }
  class ChoiceCallback {
    constructor(prompt, choices, defaultChoice = 0, multiple = false) {
      if (multiple) throw notAvailable('A choice of several');
      specs.set(this, {
        kind: 'choice',
        prompt: textOf(prompt),
        choices: textsOf(choices),
        defaultChoice: Number(defaultChoice),
      });
    }
    getPrompt() {
      return specOf(this).prompt;
    }
    getChoices() {
      return [...specOf(this).choices];
    }
    getSelectedIndexes() {
      const index = answerOf(this);
      return index === null ? null : [index];
    }
  }
  const OPTION_TEXTS = [
    ['Yes', 'No'],
    ['Yes', 'No', 'Cancel'],
    ['OK', 'Cancel'],
  ];
  /** What Java calls the n-th answer: YES 0, NO 1, CANCEL 2, OK 3. */
  const OPTION_CODES = [
    [0, 1],
    [0, 1, 2],
    [3, 2],
  ];
  class ConfirmationCallback {
    constructor(...given) {
      const prompt = typeof given[0] === 'number' ? '' : textOf(given.shift());
      const [messageType, options, defaultOption] = given;
      const isOwn = Array.isArray(options);
      const optionType = isOwn ? -1 : Number(options);
      const codes = OPTION_CODES[optionType];
      if (!isOwn && codes === undefined) throw new Error('ConfirmationCallback: Invalid optionType');
      specs.set(this, {
        kind: 'confirmation',
        prompt,
        messageType: Number(messageType),
        options: isOwn ? textsOf(options) : OPTION_TEXTS[optionType],
        optionType,
        defaultOption: isOwn ? Number(defaultOption) : Math.max(0, codes.indexOf(Number(defaultOption))),
      });
    }
    getPrompt() {
      return specOf(this).prompt;
    }
    getOptions() {
      return [...specOf(this).options];
    }
    getSelectedIndex() {
      const index = answerOf(this);
      const { optionType } = specOf(this);
      return index === null ? null : (OPTION_CODES[optionType]?.[index] ?? index);
    }
  }
  Object.assign(ConfirmationCallback, MESSAGE, {
    UNSPECIFIED_OPTION: -1,
    YES_NO_OPTION: 0,
    YES_NO_CANCEL_OPTION: 1,
    OK_CANCEL_OPTION: 2,
    YES: 0,
    NO: 1,
    CANCEL: 2,
    OK: 3,
  });
  class PollingWaitCallback {
    constructor(waitTime, message) {
      specs.set(this, { kind: 'pollingWait', waitTime: Number(waitTime), message: textOf(message) });
    }
    static makeCallback() {
      let waitTime = 0;
      let message = '';
      const builder = {
        withWaitTime(given) {
          waitTime = given;
          return builder;
        },
        withMessage(given) {
          message = given;
          return builder;
        },
        build: () => new PollingWaitCallback(waitTime, message),
      };
      return builder;
    }
    getMessage() {
      return specOf(this).message;
    }
    getWaitTime() {
      return String(specOf(this).waitTime);
    }
  }
  class MetadataCallback {
    constructor(data) {
      specs.set(this, { kind: 'metadata', data: data instanceof JsonValue ? data.getObject() : data });
    }
    getOutputValue() {
      return new JsonValue(specOf(this).data);
    }
  }
  class RedirectCallback {
    constructor(url, data, method = 'GET') {
      specs.set(this, {
        kind: 'redirect',
        url: textOf(url),
        data: data ?? null,
        method: String(method),
        trackingCookie: false,
      });
    }
    setTrackingCookie(tracking) {
      specOf(this).trackingCookie = Boolean(tracking);
    }
    getRedirectUrl() {
      return specOf(this).url;
    }
  }
  /** What came back, as the objects that were sent. */
  const restore = ({ spec, answer }) => {
    const kinds = {
      name: NameCallback,
      password: PasswordCallback,
      textInput: TextInputCallback,
      textOutput: TextOutputCallback,
      hiddenValue: HiddenValueCallback,
      choice: ChoiceCallback,
      confirmation: ConfirmationCallback,
      pollingWait: PollingWaitCallback,
      metadata: MetadataCallback,
      redirect: RedirectCallback,
    };
    const callback = Object.create((kinds[spec.kind] ?? Object).prototype);
    specs.set(callback, spec);
    answers.set(callback, answer);
    return callback;
  };

  // ── State ───────────────────────────────────────────────────────────────────────────────────────────────────────

  const CONTAINERS = ['objectAttributes'];
  let state = { shared: javaMap(), transient: javaMap(), secure: javaMap() };
  const compartments = () => [state.transient, state.secure, state.shared];
  const lookUp = (key) => compartments().find((map) => hasOwn(map, key))?.[key];
  const keysOf = () => [...new Set(compartments().flatMap((map) => Object.keys(map)))];
  const unwrapped = (value) => (value instanceof JsonValue ? value.getObject() : value);
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
  const stateFor = (wrap) => {
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

  // ── Users ───────────────────────────────────────────────────────────────────────────────────────────────────────

  let users = {};
  /** `id=demo,ou=user,…` and `demo` name the same user. */
  const usernameOf = (given) => /^id=([^,]+),ou=user/.exec(String(given))?.[1] ?? String(given);
  /** A user who was not given ends this run; the node fetches the user and starts the script again. */
  const userOf = (given) => {
    const name = usernameOf(given);
    if (!hasOwn(users, name)) {
      wishes.wanted = name;
      throw new Error(`The user ${name} has to be read first`);
    }
    return users[name];
  };
  const valuesOf = (user, attribute) => (hasOwn(user.attributes, attribute) ? [...user.attributes[attribute]] : []);
  const setValues = (user, attribute, values) => {
    user.attributes[attribute] = textsOf(Array.isArray(values) ? values : [values]);
    wishes.identityChanges.push({
      username: user.username,
      attribute: String(attribute),
      values: user.attributes[attribute],
    });
  };
  const legacyIdRepository = {
    getAttribute(name, attribute) {
      const user = userOf(name);
      return user === null ? [] : valuesOf(user, attribute);
    },
    setAttribute(name, attribute, values) {
      const user = userOf(name);
      if (user === null) throw new Error(`There is no user ${name}`);
      setValues(user, attribute, values);
    },
    addAttribute(name, attribute, value) {
      const user = userOf(name);
      if (user === null) throw new Error(`There is no user ${name}`);
      setValues(user, attribute, [...valuesOf(user, attribute), value]);
    },
  };
  const nextIdRepository = {
    getIdentity(name) {
      const user = userOf(name);
      if (user === null) return null;
      const own = { username: user.username, attributes: { ...user.attributes } };
      const changed = new Set();
      const set = (attribute, values) => {
        own.attributes[attribute] = textsOf(Array.isArray(values) ? values : [values]);
        changed.add(attribute);
      };
      return {
        getName: () => own.username,
        getUniversalId: () => user.universalId,
        getAttributeValues: (attribute) => valuesOf(own, attribute),
        setAttribute: set,
        addAttribute: (attribute, value) => set(attribute, [...valuesOf(own, attribute), value]),
        store() {
          for (const attribute of changed) setValues(user, attribute, own.attributes[attribute]);
          changed.clear();
        },
      };
    },
  };

  // ── Java's names ────────────────────────────────────────────────────────────────────────────────────────────────

  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const encode64 = (given) => {
    const bytes = Array.isArray(given) ? given.map((byte) => byte & 0xff) : utf8(given);
    let text = '';
    for (let at = 0; at < bytes.length; at += 3) {
      const bits = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      for (let part = 0; part < 4; part += 1) {
        text += part <= bytes.length - at ? BASE64[(bits >> (18 - 6 * part)) & 63] : '=';
      }
    }
    return text;
  };
  const decode64 = (text) => {
    const bytes = [];
    let bits = 0;
    let count = 0;
    for (const character of String(text).replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')) {
      const value = BASE64.indexOf(character);
      if (value < 0) throw new Error('Illegal base64 character');
      bits = ((bits << 6) | value) & 0xffffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        bytes.push((bits >> count) & 0xff);
      }
    }
    return bytes;
  };
  const urlSafe = (text) => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

  function JavaString(given = '') {
    const text = Array.isArray(given)
      ? given.some((part) => typeof part === 'number')
        ? textOfBytes(given)
        : given.join('')
      : String(given);
    return new.target === undefined ? text : new String(text);
  }
  Object.assign(JavaString, {
    valueOf: (value) => String(value),
    join: (between, ...parts) => (Array.isArray(parts[0]) ? parts[0] : parts).join(between),
    format(pattern, ...values) {
      let at = 0;
      return String(pattern).replace(/%[sd]/g, () => String(values[at++]));
    },
  });
  function ArrayList(from) {
    return from !== undefined && typeof from !== 'number' ? [...from] : [];
  }
  function HashMap(from) {
    return javaMap(from ?? {});
  }
  class HashSet extends Array {
    static get [Symbol.species]() {
      return Array;
    }
    constructor(from) {
      super();
      if (from !== undefined && typeof from !== 'number') for (const value of from) this.add(value);
    }
    add(value) {
      if (this.contains(value)) return false;
      this.push(value);
      return true;
    }
    remove(value) {
      const at = this.findIndex((member) => sameValue(member, value));
      if (at >= 0) this.splice(at, 1);
      return at >= 0;
    }
  }
  const parseNumber = (text) => {
    const number = Number(String(text));
    if (String(text).trim() === '' || Number.isNaN(number)) {
      throw new Error(`java.lang.NumberFormatException: For input string: "${text}"`);
    }
    return number;
  };
  const numberClass = (extra) => Object.assign((value) => parseNumber(value), { valueOf: parseNumber }, extra);

  /** What both engines of old AM call an action, with its builder. */
  const actions = new WeakMap();
  const actionBuilder = (kind) => {
    const wish = { ...kind, properties: [], presentation: {} };
    const builder = {
      ...effectMethods(wish, () => builder),
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
        actions.set(action, wish);
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
  const Action = {
    goTo: (outcome) => actionBuilder({ outcome: String(outcome) }),
    send(...given) {
      const list = given.flatMap((one) => (Array.isArray(one) ? one : [one]));
      return actionBuilder({ callbacks: list.map(specOf) });
    },
    suspend() {
      throw notAvailable('Action.suspend');
    },
  };
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
  const classes = new Map();
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
  const javaPackage = (path) => {
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
  const importInto = (target, given) => {
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

  // ── The bindings of each engine ─────────────────────────────────────────────────────────────────────────────────

  /** Names are looked up without regard to case, as HTTP has them. */
  const headerMap = (headers) => {
    const map = toJava(headers);
    addHidden(map, { get: (name) => map[String(name).toLowerCase()] ?? null });
    return map;
  };
  const libraries = { sources: {}, loaded: new Map() };
  const requireLibrary = (name) => {
    const key = String(name);
    if (libraries.loaded.has(key)) return libraries.loaded.get(key).exports;
    if (!hasOwn(libraries.sources, key)) throw new Error(`There is no library script "${key}"`);
    const module = { exports: {} };
    libraries.loaded.set(key, module);
    new Function('exports', 'module', libraries.sources[key])(module.exports, module);
    return module.exports;
  };
  const bothEngines = (given) => ({
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
  const legacyBindings = (given) => {
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
  const nextBindings = (given) => {
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
      wishes.callbacks.push(specOf(callback));
    };
    const action = {
      goTo(outcome) {
        wishes.outcome = String(outcome);
        return action;
      },
      suspend() {
        throw notAvailable('action.suspend');
      },
      ...effectMethods(wishes, () => action),
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

  /** The engine begins every run from the same memory, so its own generator would repeat itself. */
  const seedRandom = ([first, second, third, count]) => {
    let [a, b, c, d] = [first, second, third, count];
    const next = () => {
      const sum = (a + b + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = ((c << 21) | (c >>> 11)) + sum;
      return sum >>> 0;
    };
    for (let at = 0; at < 12; at += 1) next();
    addHidden(Math, { random: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53 });
  };

  let wantsConfig = false;

  const start = (engine, json) => {
    const given = parse(json);
    seedRandom(given.seed);
    state = { shared: toJava(given.shared), transient: toJava(given.transient), secure: toJava(given.secure) };
    users = given.users;
    wantsConfig = given.wantsConfig === true;
    libraries.sources = given.libraries;
    const bindings = { ...bothEngines(given), ...(engine === '1.0' ? legacyBindings(given) : nextBindings(given)) };
    for (const name of Object.keys(bindings)) {
      define(globalThis, name, { value: bindings[name], writable: true, configurable: true, enumerable: false });
    }
  };

  /** What a script that makes settings leaves in `config`; nothing where that is no map. */
  const settingsIn = (config) => (wantsConfig && isMap(config) ? { config } : {});

  const finish = (engine, outcome, action, auditDetail, config) => {
    const built = engine === '1.0' && typeof action === 'object' && action !== null ? actions.get(action) : undefined;
    const wish = built ?? wishes;
    const asked = built === undefined ? (wishes.outcome ?? (outcome === null ? undefined : outcome)) : built.outcome;
    return stringify({
      shared: state.shared,
      transient: state.transient,
      secure: Object.keys(state.secure),
      ...(asked !== undefined && { outcome: String(asked) }),
      callbacks: wish.callbacks ?? [],
      properties: wish.properties,
      presentation: wish.presentation,
      errorMessage: wish.errorMessage,
      lockoutMessage: wish.lockoutMessage,
      identified: wish.identified === undefined ? undefined : usernameOf(wish.identified),
      maxSessionMinutes: wish.maxSessionMinutes,
      maxIdleMinutes: wish.maxIdleMinutes,
      identityChanges: wishes.identityChanges,
      ...(auditDetail !== undefined &&
        auditDetail !== null && { auditDetail: String(auditDetail).slice(0, LOG_LENGTH) }),
      ...settingsIn(config),
      logs: wishes.logs,
    });
  };

  return { start, finish, report: () => stringify({ logs: wishes.logs, wanted: wishes.wanted }) };
}
