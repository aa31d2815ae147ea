import { z } from 'zod';

/** The setting that says how a node finds its user. */
export const identityAttribute = (usual = 'userName') =>
  z.string().min(1).default(usual).meta({
    title: 'Identity Attribute',
    description: 'The attribute by whose collected value the user is found; without one, the user name is taken.',
  });
