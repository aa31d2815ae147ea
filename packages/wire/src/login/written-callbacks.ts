import type { SentCallback } from '@assent/engine';
import { callbackCatalogue, type SubmittedCallback } from '@assent/engine/host';

/** Where the value of an input stands in the text of callbacks. */
interface Place {
  readonly callback: number;
  readonly suffix: string;
  readonly start: number;
  readonly end: number;
}

/** Callbacks that came back, and where their text ends. */
export interface Echo {
  readonly callbacks: readonly SubmittedCallback[];
  readonly end: number;
}

/** The values that are known from their text alone; any other is left to a parser. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them in a string
const PLAIN_VALUE = /"[^"\\\u0000-\u001f]*"|-?(?:0|[1-9]\d*)|true|false|null/y;

/** Callbacks as they go out, which most clients send back letter by letter, with their answers in place of the values. */
export class WrittenCallbacks {
  /** As JSON, without white space. */
  readonly text: string;
  readonly #sent: readonly SentCallback[];
  readonly #places: readonly Place[];
  #between: readonly string[] | undefined;
  #unanswered: readonly SubmittedCallback[] | undefined;

  constructor(text: string, sent: readonly SentCallback[], places: readonly Place[]) {
    this.text = text;
    this.#sent = sent;
    this.#places = places;
  }

  /**
   * What a client has put in, from a text that goes on with these callbacks `from` there on: any JSON parser reads the same
   * in it. Undefined for every other text, though it may say as much.
   */
  echoIn(text: string, from: number): Echo | undefined {
    const isUnanswered = text.startsWith(this.text, from);
    if (isUnanswered && this.#unanswered !== undefined) {
      return { callbacks: this.#unanswered, end: from + this.text.length };
    }
    this.#between ??= this.#textBetween();
    const values: unknown[] = [];
    let at = from;
    for (const before of this.#between) {
      if (!text.startsWith(before, at)) return undefined;
      at += before.length;
      if (values.length === this.#places.length) break;
      PLAIN_VALUE.lastIndex = at;
      if (!PLAIN_VALUE.test(text)) return undefined;
      // Parsed, so that it is a text of its own: part of another one would keep all of that, with whatever secret is in it.
      values.push(JSON.parse(text.slice(at, PLAIN_VALUE.lastIndex)));
      at = PLAIN_VALUE.lastIndex;
    }
    const callbacks = this.#submitted(values);
    if (isUnanswered) this.#unanswered = callbacks;
    return { callbacks, end: at };
  }

  #textBetween(): readonly string[] {
    let from = 0;
    const between = this.#places.map(({ start, end }) => {
      const before = this.text.slice(from, start);
      from = end;
      return before;
    });
    return [...between, this.text.slice(from)];
  }

  #submitted(values: readonly unknown[]): readonly SubmittedCallback[] {
    const submitted = this.#sent.map(({ type }) => ({ type, input: {} as Record<string, unknown> }));
    for (let at = 0; at < values.length; at += 1) {
      const { callback, suffix } = this.#places[at] as Place;
      (submitted[callback] as (typeof submitted)[number]).input[suffix] = values[at];
    }
    return submitted;
  }
}

/** One entry of `output`; a value that JSON has no text for is left out. Names are words of our own catalogue. */
const outputEntry = (name: string, value: unknown): string => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? `{"name":"${name}"}` : `{"name":"${name}","value":${text}}`;
};

const writeOutputs = ({ type, output }: SentCallback): string => {
  let outputs = '';
  for (const { name, wire, isOptional } of callbackCatalogue.get(type)?.outputs ?? []) {
    const value = output[name];
    if (isOptional && value === undefined) continue;
    outputs += `${outputs === '' ? '' : ','}${outputEntry(name, wire === 'string' ? String(value) : value)}`;
  }
  return outputs;
};

/**
 * Callbacks as AM's REST spells them (spec: journeys-rest §3.1): `output` is always an array, a read-only callback has no
 * `input`, and inputs are named by the 1-based position in the whole step.
 */
export const writeCallbacks = (callbacks: readonly SentCallback[]): WrittenCallbacks => {
  const places: Place[] = [];
  let text = '[';
  for (let at = 0; at < callbacks.length; at += 1) {
    const callback = callbacks[at] as SentCallback;
    const { type, input, pageId } = callback;
    text += `${at === 0 ? '' : ','}{"type":${JSON.stringify(type)},"output":[${writeOutputs(callback)}]`;
    if (input !== undefined) {
      text += ',"input":[';
      let separator = '';
      for (const suffix in input) {
        text += `${separator}{"name":"IDToken${at + 1}${suffix}"`;
        const value = JSON.stringify(input[suffix]) as string | undefined;
        if (value !== undefined) {
          text += ',"value":';
          places.push({ callback: at, suffix, start: text.length, end: text.length + value.length });
          text += value;
        }
        text += '}';
        separator = ',';
      }
      text += ']';
    }
    text += pageId === undefined ? '}' : `,"_id":${pageId}}`;
  }
  return new WrittenCallbacks(`${text}]`, callbacks, places);
};
