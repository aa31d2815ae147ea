/** What a page and the nodes in it may have in their settings together, as JSON. Each visitor has the page made from them. */
export const MAX_PAGE_CHARACTERS = 256 * 1_024;

/** From here on nodes and pages of a realm run in turns (SEC-93). */
const LARGE_CHARACTERS = 32 * 1_024;

/** What a step may show, in characters: the texts of its callbacks and what stands around them. */
export const MAX_STEP_CHARACTERS = 512 * 1_024;

export interface PageSize {
  readonly isLarge: boolean;
  /** Why the page cannot be shown. */
  readonly fault?: string;
}

/** How large a node is by its settings and those of the nodes in it; one that holds no other is bounded by what a request may bring. */
export const pageSizeOf = (config: unknown, children: readonly { readonly config?: unknown }[]): PageSize => {
  let characters = 0;
  for (const settings of [config, ...children.map((child) => child.config)]) {
    characters += JSON.stringify(settings ?? {}).length;
  }
  if (children.length === 0 || characters <= MAX_PAGE_CHARACTERS) return { isLarge: characters > LARGE_CHARACTERS };
  const fault = `the page and its nodes have ${characters} characters of settings, and may have ${MAX_PAGE_CHARACTERS}`;
  return { isLarge: true, fault };
};

/** Whether the texts in a value have more characters than `most`. It stops there, however large the value is. */
export const isLongerThan = (value: unknown, most: number): boolean => {
  let left = most;
  const open = [value];
  while (open.length > 0 && left >= 0) {
    const next = open.pop();
    if (typeof next === 'string') left -= next.length;
    else if (typeof next === 'object' && next !== null) {
      left -= 1;
      for (const name in next) open.push((next as Readonly<Record<string, unknown>>)[name]);
    }
  }
  return left < 0;
};
