/**
 * Members of a value that a validator has never asked for: it does not know them. Validators that are generated from the schemas of Kubernetes
 * complain of wrong and missing members, and pass over those that do not exist, where a mistyped one is a setting that has no effect.
 *
 * @param {object} value
 * @param {(recorded: any) => void} validate reads what it knows of what it is given
 * @returns {string[]} paths such as `spec.template.spec.containers.0.readinesProbe`
 */
export const unknownMembers = (value, validate) => {
  const asked = new Map();
  const recorded = (target, path) => {
    asked.set(path, target);
    const seen = new Map();
    return new Proxy(target, {
      get(of, name, receiver) {
        const found = Reflect.get(of, name, receiver);
        if (typeof name === 'symbol' || !Object.hasOwn(of, name)) return found;
        const below = path === '' ? name : `${path}.${name}`;
        if (typeof found !== 'object' || found === null) {
          asked.set(below, found);
          return found;
        }
        if (!seen.has(name)) seen.set(name, recorded(found, below));
        return seen.get(name);
      },
    });
  };
  validate(recorded(value, ''));
  const unknown = [];
  const look = (at, path) => {
    if (!asked.has(path)) {
      unknown.push(path);
      return;
    }
    if (typeof at !== 'object' || at === null) return;
    for (const [name, below] of Object.entries(at)) look(below, path === '' ? name : `${path}.${name}`);
  };
  look(value, '');
  return unknown;
};
