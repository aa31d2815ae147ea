import { hasOwn } from './values.js';

/** Library scripts of the realm, and those that this run has loaded. */
export const libraries = { sources: {}, loaded: new Map() };
export const requireLibrary = (name) => {
  const key = String(name);
  if (libraries.loaded.has(key)) return libraries.loaded.get(key).exports;
  if (!hasOwn(libraries.sources, key)) throw new Error(`There is no library script "${key}"`);
  const module = { exports: {} };
  libraries.loaded.set(key, module);
  new Function('exports', 'module', libraries.sources[key])(module.exports, module);
  return module.exports;
};
