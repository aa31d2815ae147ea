import { z } from 'zod';

/** The reserved ids that end a journey (spec: journeys-rest §5.1). */
export const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
export const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';

const minutes = z.int().positive();

/** A wired node; what an importer does not know of it is kept (spec: node-census §2). */
const wiredNode = z.looseObject({
  nodeType: z.string().min(1),
  displayName: z.string().default(''),
  connections: z.record(z.string(), z.string()).default({}),
  x: z.number().optional(),
  y: z.number().optional(),
  version: z.string().optional(),
});

/** A tree as AM's REST shapes it, without `_id` and `_rev`. Unknown members are refused before this schema is asked. */
export const treeDocument = z.object({
  description: z.string().optional(),
  enabled: z.boolean().default(true),
  entryNodeId: z.string(),
  innerTreeOnly: z.boolean().default(false),
  noSession: z.boolean().default(false),
  mustRun: z.boolean().default(false),
  transactionalOnly: z.boolean().default(false),
  identityResource: z.string().optional(),
  treeTimeout: minutes.optional(),
  maximumSessionTime: minutes.optional(),
  maximumIdleTime: minutes.optional(),
  uiConfig: z.record(z.string(), z.unknown()).optional(),
  nodes: z.record(z.string(), wiredNode),
  staticNodes: z.record(z.string(), z.unknown()).optional(),
});

export type TreeDocument = z.infer<typeof treeDocument>;
