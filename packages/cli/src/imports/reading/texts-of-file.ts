import { createReadStream } from 'node:fs';
import { UnreadableFile } from './source-entry.ts';

const CHUNK_BYTES = 65_536;

/** The text of a file, a piece at a time and without its mark of UTF-8. */
export async function* textsOfFile(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      yield decoder.decode(chunk as Buffer, { stream: true });
      bytes += (chunk as Buffer).length;
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UnreadableFile(
      `after byte ${bytes}`,
      'the file is not UTF-8',
      'export it in UTF-8, values that are none in base 64',
    );
  }
}

/** The lines of a text that comes in pieces, without their ends. */
export async function* linesOf(texts: AsyncIterable<string>, maxLength: number): AsyncGenerator<string> {
  let rest = '';
  let count = 0;
  for await (const text of texts) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      count += 1;
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
    if (rest.length > maxLength) {
      throw new UnreadableFile(`line ${count + 1}`, 'the line has no end', 'is this the file that you meant?');
    }
  }
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
}
