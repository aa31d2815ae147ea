import type { Action, CallbackAnswer, ChildNode, SentCallback } from '@assent/engine';

/** Which child sent which callback, by the callback's number (spec: journeys-rest §7.5). */
export type Senders = Readonly<Record<string, number>>;

/** A callback as a child made it, without the page's number. */
const bare = ({ type, output, input, forPages }: SentCallback): SentCallback => ({
  type,
  output,
  ...(input && { input }),
  ...(forPages && { forPages }),
});

const numbered = (callback: SentCallback, pageId: number): SentCallback => ({ ...bare(callback), pageId });

const isSame = (some: readonly SentCallback[], others: readonly SentCallback[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others);

const SECRET = new Set(['PasswordCallback', 'ValidatedCreatePasswordCallback']);
/** Callbacks of which one input is secret, by the name that this input has. */
const SECRET_INPUTS: ReadonlyMap<string, string> = new Map([['KbaCreateCallback', 'answer']]);

/** What a satisfied child keeps on the page: its callbacks with what was put in; what is secret is typed again. */
const withAnswers = (sent: readonly SentCallback[], answers: readonly CallbackAnswer[]): SentCallback[] =>
  sent.map((callback, at) => {
    if (callback.input === undefined || SECRET.has(callback.type)) return callback;
    const secret = SECRET_INPUTS.get(callback.type);
    return {
      ...callback,
      input: { ...callback.input, ...answers[at], ...(secret !== undefined && { [secret]: callback.input[secret] }) },
    };
  });

interface Shown {
  readonly child: number;
  readonly callbacks: readonly SentCallback[];
  /** What was put in, for a child that keeps showing it. */
  readonly answers?: readonly CallbackAnswer[];
}

/** The page's callbacks after all children had their turn. */
export class PageCallbacks {
  readonly #shown: Shown[] = [];
  #open = false;
  #nextId: number;

  constructor(sent: readonly SentCallback[]) {
    this.#nextId = sent.reduce((next, { pageId = -1 }) => Math.max(next, pageId + 1), 0);
  }

  /** Whether some child still asks for something. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** A child asks, for the first time or again. */
  ask(child: number, callbacks: readonly SentCallback[], before: readonly SentCallback[]): void {
    this.#open = true;
    // A child that asks exactly what it asked before keeps its numbers: a poll that changes nothing stays unchanged.
    const isAgain = before.length > 0 && isSame(callbacks.map(bare), before.map(bare));
    this.#shown.push({
      child,
      callbacks: isAgain ? before : callbacks.map((callback) => numbered(callback, this.#number())),
    });
  }

  /** A child has what it needs, or has to wait for its turn, and keeps showing what was put in. */
  keep(child: number, sent: readonly SentCallback[], answers: readonly CallbackAnswer[]): void {
    if (sent.length > 0) this.#shown.push({ child, callbacks: sent, answers });
  }

  /** Notes what a child did, and gives it back. */
  take(child: number, { sent, answers }: Part, action: Action): Action {
    if (action.kind === 'send') this.ask(child, action.callbacks, sent);
    else this.keep(child, sent, answers);
    return action;
  }

  /** What the page shows, and which child sent what of it: a page that is done with shows nothing, and needs none of it. */
  content(): { readonly callbacks: readonly SentCallback[]; readonly senders: Senders } {
    const content = { callbacks: [] as SentCallback[], senders: {} as Record<string, number> };
    for (const { child, callbacks, answers } of this.#shown) {
      for (const callback of answers === undefined ? callbacks : withAnswers(callbacks, answers)) {
        content.callbacks.push(callback);
        content.senders[String(callback.pageId)] = child;
      }
    }
    return content;
  }

  #number(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

/** What is one child's. */
interface Part {
  readonly sent: readonly SentCallback[];
  readonly answers: readonly CallbackAnswer[];
}

/** The callbacks of one child among those of the page, with their answers. */
const partOf = (child: number, senders: Senders, { sent, answers }: Part): Part => {
  const part = { sent: [] as SentCallback[], answers: [] as CallbackAnswer[] };
  for (let at = 0; at < sent.length; at += 1) {
    const callback = sent[at] as SentCallback;
    if (senders[String(callback.pageId)] !== child) continue;
    part.sent.push(callback);
    const answer = answers[at];
    if (answer !== undefined) part.answers.push(answer);
  }
  return part;
};

/** A node on a page, by its number there. */
interface Placed<Child> {
  readonly index: number;
  readonly child: Child;
}

/** The nodes of a page: those that are filled in together, and those that are answered in place of all of them. */
export interface PageParts<Child> {
  readonly form: readonly Placed<Child>[];
  readonly standalone: readonly Placed<Child>[];
}

export const partsOfPage = <Child extends { readonly isStandalone?: boolean }>(
  children: readonly Child[],
): PageParts<Child> => {
  const placed = children.map((child, index) => ({ index, child }));
  return {
    form: placed.filter(({ child }) => child.isStandalone !== true),
    standalone: placed.filter(({ child }) => child.isStandalone === true),
  };
};

/** What is on a page, and where it goes. */
export interface PageRun {
  readonly page: PageCallbacks;
  readonly last: Action | undefined;
}

/**
 * Lets every child have its turn, in order. What was given to one that stands by itself is looked at first: where that decides, the form is as if it
 * had not been sent. Where it was given nothing, it stays on the page, below the others, as long as these ask for something.
 */
export const runChildren = async (
  { form, standalone }: PageParts<ChildNode>,
  senders: Senders,
  given: Part,
): Promise<PageRun> => {
  const page = new PageCallbacks(given.sent);
  const asking = new Map<number, Action>();
  for (const { index, child } of standalone) {
    const part = partOf(index, senders, given);
    if (part.sent.length === 0) continue;
    const action = await child.process(part.sent.map(bare), part.answers);
    if (action.kind === 'goTo') return { page, last: action };
    asking.set(index, action);
  }
  let last: Action | undefined;
  for (const { index, child } of form) {
    const part = partOf(index, senders, given);
    // A child that decides acts for good (it uses up a code, it counts): it waits until the ones above have what they need.
    if (page.isOpen && part.sent.length > 0 && Object.keys(child.outcomes).length > 1) {
      page.keep(index, part.sent, part.answers);
      continue;
    }
    last = page.take(index, part, await child.process(part.sent.map(bare), part.answers));
  }
  if (form.length > 0 && !page.isOpen) return { page, last };
  for (const { index, child } of standalone) {
    const action = asking.get(index) ?? (await child.process([], []));
    if (action.kind === 'send') page.ask(index, action.callbacks, partOf(index, senders, given).sent);
    // Beside a form, one that has nothing to ask for is not there.
    else if (form.length === 0) last ??= action;
  }
  return { page, last };
};
