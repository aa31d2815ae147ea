import type { PagePicture } from '@assent/wire';

/** The picture no larger than that, in its own proportions: so much room is kept before it has come. */
export const fitting = (
  { src, width, height }: PagePicture,
  most: { readonly width: number; readonly height: number },
): PagePicture => {
  if (width === undefined || height === undefined) return { src };
  const scale = Math.min(1, most.width / width, most.height / height);
  return { src, width: Math.round(width * scale), height: Math.round(height * scale) };
};
