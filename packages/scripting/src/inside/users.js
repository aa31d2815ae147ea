import { scriptResult } from './result.js';
import { hasOwn, textsOf } from './values.js';

let users = {};
export const setUsers = (given) => {
  users = given;
};

/** `id=demo,ou=user,…` and `demo` name the same user. */
export const usernameOf = (given) => /^id=([^,]+),ou=user/.exec(String(given))?.[1] ?? String(given);

/** A user who was not given ends this run; the node fetches the user and starts the script again. */
const userOf = (given) => {
  const name = usernameOf(given);
  if (!hasOwn(users, name)) {
    scriptResult.wanted = name;
    throw new Error(`The user ${name} has to be read first`);
  }
  return users[name];
};

const valuesOf = (user, attribute) => (hasOwn(user.attributes, attribute) ? [...user.attributes[attribute]] : []);
const setValues = (user, attribute, values) => {
  user.attributes[attribute] = textsOf(Array.isArray(values) ? values : [values]);
  scriptResult.identityChanges.push({
    username: user.username,
    attribute: String(attribute),
    values: user.attributes[attribute],
  });
};

export const legacyIdRepository = {
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

export const nextIdRepository = {
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
