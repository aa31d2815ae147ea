import type { SentCallback } from '@assent/engine';
import { callbackCatalogue } from '@assent/engine/host';

/** One entry of `output` or `input`; a value that JSON has no text for is left out. Names are words of our own catalogue. */
const entry = (name: string, value: unknown): string => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? `{"name":"${name}"}` : `{"name":"${name}","value":${text}}`;
};

const writeOutputs = ({ type, output }: SentCallback): string => {
  let outputs = '';
  for (const { name, wire, isOptional } of callbackCatalogue.get(type)?.outputs ?? []) {
    const value = output[name];
    if (isOptional && value === undefined) continue;
    outputs += `${outputs === '' ? '' : ','}${entry(name, wire === 'string' ? String(value) : value)}`;
  }
  return outputs;
};

/** Inputs are named by the 1-based position of their callback in the whole step; a value that JSON has no text for is left out. */
const writeInputs = (input: Readonly<Record<string, unknown>>, position: number): string => {
  let inputs = '';
  for (const suffix in input) {
    inputs += `${inputs === '' ? '' : ','}${entry(`IDToken${position}${suffix}`, input[suffix])}`;
  }
  return inputs;
};

/**
 * Callbacks as AM's REST spells them (spec: journeys-rest §3.1), as JSON without white space: `output` is always an array, and a read-only
 * callback has no `input`.
 */
export const writeCallbacks = (callbacks: readonly SentCallback[]): string => {
  let text = '[';
  for (let at = 0; at < callbacks.length; at += 1) {
    const callback = callbacks[at] as SentCallback;
    const { type, input, pageId } = callback;
    text += `${at === 0 ? '' : ','}{"type":${JSON.stringify(type)},"output":[${writeOutputs(callback)}]`;
    if (input !== undefined) text += `,"input":[${writeInputs(input, at + 1)}]`;
    text += pageId === undefined ? '}' : `,"_id":${pageId}}`;
  }
  return `${text}]`;
};
