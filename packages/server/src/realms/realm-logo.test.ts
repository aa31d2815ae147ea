import { expect, test } from 'vitest';
import { readLogo } from './realm-logo.ts';

const uri = (kind: string, ...parts: readonly (string | number | readonly number[])[]): string => {
  const bytes = parts.flatMap((part) =>
    typeof part === 'string'
      ? [...Buffer.from(part, 'latin1')]
      : typeof part === 'number'
        ? Array<number>(part).fill(0)
        : part,
  );
  return `data:image/${kind};base64,${Buffer.from(bytes).toString('base64')}`;
};

const jpegStart = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0];
// A table of Huffman codes, whose marker lies among those of frames.
const huffman = [0xff, 0xc4, 0, 3, 0];
const frame = [0xff, 0xc2, 0, 17, 8, 0, 40, 0, 128];

test.each([
  ['a PNG', uri('png', '\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [0, 0, 0, 96, 0, 0, 0, 32]), 96, 32],
  ['a JPEG', uri('jpeg', jpegStart, huffman, frame, 8), 128, 40],
  ['a WebP with loss', uri('webp', 'RIFF', 4, 'WEBPVP8 ', 10, [200, 0x40, 50, 0x80]), 200, 50],
  ['a WebP without loss', uri('webp', 'RIFF', 4, 'WEBPVP8L', 4, [0x2f, 0x63, 0x40, 0x0c, 0], 5), 100, 50],
  ['a WebP with a header', uri('webp', 'RIFF', 4, 'WEBPVP8X', 8, [99, 0, 0, 49, 0, 0]), 100, 50],
])('%s says how large it is', (_kind, logo, width, height) => {
  expect(readLogo(logo)).toMatchObject({ size: { width, height } });
});

test.each([
  ['a PNG that ends too soon', uri('png', '\x89PNG\r\n\x1a\n', [0, 0, 0, 13])],
  ['a PNG without any width', uri('png', '\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', 8)],
  ['a JPEG without a frame', uri('jpeg', jpegStart, huffman)],
  ['a JPEG that ends in a segment', uri('jpeg', [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0, 0, 0, 0, 0])],
  ['a WebP of a kind that we do not know', uri('webp', 'RIFF', 4, 'WEBPVP9 ', 20)],
  ['a WebP that ends too soon', uri('webp', 'RIFF', 4, 'WEBPVP8X')],
])('%s is shown without a size', (_kind, logo) => {
  const read = readLogo(logo);
  expect(read?.bytes.length).toBeGreaterThan(0);
  expect(read).not.toHaveProperty('size');
});

test('no logo is none, and the type is that of the picture', () => {
  expect(readLogo('')).toBeUndefined();
  expect(readLogo(uri('jpeg', jpegStart))?.type).toBe('image/jpeg');
});
