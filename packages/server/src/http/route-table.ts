import type { Handler } from './call.ts';

interface Route<H> {
  readonly method: string;
  readonly pattern: readonly string[];
  readonly handler: H;
  /** The pattern as a text: what is counted and told of requests, with nothing in it that a client chose. */
  readonly route: string;
}

export interface Match<H = Handler> {
  readonly handler: H;
  readonly route: string;
  readonly names: Readonly<Record<string, string>>;
}

/** Finds the handler of a path by its segments. Realms of any depth may stand before a resource; the caller has taken them off. */
export class RouteTable<H = Handler> {
  readonly #byFirst = new Map<string, Route<H>[]>();

  /** `resources` are the first segments by which a path is distinguished from the realm before it: each route begins with one of them. */
  constructor(resources: ReadonlySet<string>, ...tables: readonly Readonly<Record<string, H>>[]) {
    for (const table of tables) {
      for (const [key, handler] of Object.entries(table)) {
        const [method = '', path = ''] = key.split(' ');
        const pattern = path.split('/');
        const first = pattern[0] ?? '';
        if (!resources.has(first))
          throw new Error(`The route ${key} begins with no resource: list "${first}" in realms/realm-path.ts.`);
        this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), { method, pattern, handler, route: path }]);
      }
    }
  }

  /** As they were given: `METHOD path/with/:names`. */
  get keys(): readonly string[] {
    return [...this.#byFirst.values()].flat().map(({ method, route }) => `${method} ${route}`);
  }

  /** The match, or the methods that the path does answer to (none: there is no such resource). */
  find(method: string, resource: readonly string[]): Match<H> | { readonly allowed: readonly string[] } {
    const allowed: string[] = [];
    for (const route of this.#byFirst.get(resource[0] ?? '') ?? []) {
      const names = matchSegments(route.pattern, resource);
      if (names === undefined) continue;
      if (route.method === method) return { handler: route.handler, route: route.route, names };
      allowed.push(route.method);
    }
    return { allowed };
  }
}

const NO_NAMES: Readonly<Record<string, string>> = Object.freeze({});

const matchSegments = (
  pattern: readonly string[],
  resource: readonly string[],
): Readonly<Record<string, string>> | undefined => {
  if (pattern.length !== resource.length) return undefined;
  let names = NO_NAMES;
  for (let at = 0; at < pattern.length; at += 1) {
    const expected = pattern[at] ?? '';
    const given = resource[at] ?? '';
    if (expected.startsWith(':')) names = { ...names, [expected.slice(1)]: given };
    else if (expected !== given) return undefined;
  }
  return names;
};
