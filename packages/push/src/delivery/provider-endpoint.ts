import { z } from 'zod';

/** Where a provider is, if not where it is known to be. Whether it may be called is judged when it is (docs/adr/0067). */
export const providerEndpoint = (usual: string) =>
  z
    .string()
    .max(256)
    .refine(isOrigin, 'Must be an http or https URL without a path, such as https://push.example.com, or empty')
    .default('')
    .meta({ title: 'Endpoint', description: `Empty for ${usual}. A test or a trial names its own.` });

function isOrigin(text: string): boolean {
  if (text === '') return true;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  return url.origin === text || `${url.origin}/` === text;
}
