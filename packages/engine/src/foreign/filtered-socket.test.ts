import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { filteredSocket } from './filtered-socket.ts';

type Listener = (...args: never[]) => void;

class FakeSocket {
  destroyed = false;
  readonly errors: unknown[] = [];
  readonly #emitter = new EventEmitter();
  on(event: string, listener: Listener): this {
    this.#emitter.on(event, listener as () => void);
    return this;
  }
  removeListener(event: string, listener: Listener): this {
    this.#emitter.removeListener(event, listener as () => void);
    return this;
  }
  // Replaced by the filter, as those of a real socket are.
  addListener(event: string, listener: Listener): this {
    return this.on(event, listener);
  }
  off(event: string, listener: Listener): this {
    return this.removeListener(event, listener);
  }
  emit(event: string, piece: string): void {
    this.#emitter.emit(event, piece);
  }
  destroy(error?: Error): this {
    if (!this.destroyed) this.errors.push(error);
    this.destroyed = true;
    return this;
  }
}

/** A socket whose data reaches its listeners letter by letter. */
const inLetters = () => {
  const raw = new FakeSocket();
  const socket = filteredSocket<FakeSocket, string>(raw, (handOn) => (piece) => {
    for (const letter of piece) {
      if (letter === '!') throw new Error('refused');
      if (!raw.destroyed) handOn(letter);
    }
  });
  return { raw, socket };
};

describe('a filtered socket', () => {
  test.each(['removeListener', 'off'] as const)(
    'hands nothing on to a listener that one of the parts has removed, and ends the connection without an error (%s)',
    (remove) => {
      const { raw, socket } = inLetters();
      const heard: string[] = [];
      const listener = (letter: string) => {
        heard.push(letter);
        if (letter === 'b') socket[remove]('data', listener);
      };
      socket.on('data', listener);
      raw.emit('data', 'abcd');
      expect([heard, raw.destroyed, raw.errors]).toEqual([['a', 'b'], true, [undefined]]);
    },
  );

  test('goes on where the removal ends a piece, for a listener that comes next', () => {
    const { raw, socket } = inLetters();
    const heard: string[] = [];
    const first = (letter: string) => {
      heard.push(`first ${letter}`);
      socket.removeListener('data', first);
    };
    socket.on('data', first);
    raw.emit('data', 'a');
    socket.addListener('data', (letter: string) => heard.push(`next ${letter}`));
    raw.emit('data', 'b');
    expect([heard, raw.destroyed]).toEqual([['first a', 'next b'], false]);
  });

  test('ends with the error of its filter or of a listener, and is silent from then on (SEC-94)', () => {
    for (const [sent, message] of [
      ['a!b', 'refused'],
      ['ax', 'not mine'],
    ] as const) {
      const { raw, socket } = inLetters();
      const heard: string[] = [];
      socket.on('data', (letter: string) => {
        if (letter === 'x') throw new Error('not mine');
        heard.push(letter);
      });
      raw.emit('data', sent);
      raw.emit('data', 'c');
      expect([heard, raw.errors]).toEqual([['a'], [new Error(message)]]);
    }
  });
});
