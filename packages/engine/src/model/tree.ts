import { z } from 'zod';

/** The reserved ids that end a journey (spec: journeys-rest §5.1). */
export const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
export const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';

const minutes = z.int().positive();

/** A wired node; what an importer does not know of it is kept (spec: node-census §2). */
export const wiredNode = z.looseObject({
  nodeType: z.string().min(1),
  displayName: z.string().default(''),
  connections: z.record(z.string(), z.string()).default({}),
  x: z.number().optional(),
  y: z.number().optional(),
  version: z.union([z.string(), z.number()]).optional(),
});

/** A tree as AM's REST shapes it, without `_id` and `_rev`; members that other versions have are kept (spec: node-census §2). */
export const treeDocument = z.looseObject({
  description: z.string().optional().meta({ title: 'Description' }),
  enabled: z.boolean().default(true).meta({ title: 'Enabled' }),
  entryNodeId: z.string().meta({ title: 'Entry Node ID' }),
  innerTreeOnly: z.boolean().default(false).meta({ title: 'Inner Tree Only' }),
  noSession: z.boolean().default(false).meta({ title: 'No Session' }),
  mustRun: z.boolean().default(false).meta({ title: 'Must Run' }),
  transactionalOnly: z.boolean().default(false).meta({ title: 'Transactional Only' }),
  identityResource: z.string().optional().meta({ title: 'Identity Resource' }),
  treeTimeout: minutes.optional().meta({ title: 'Journey Timeout (minutes)' }),
  maximumSessionTime: minutes.optional().meta({ title: 'Maximum Session Time (minutes)' }),
  maximumIdleTime: minutes.optional().meta({ title: 'Maximum Idle Time (minutes)' }),
  uiConfig: z.record(z.string(), z.unknown()).optional().meta({ title: 'Data of a Designer' }),
  nodes: z.record(z.string(), wiredNode).meta({ title: 'Nodes' }),
  staticNodes: z.record(z.string(), z.unknown()).optional().meta({ title: 'Places of the Start and the Ends' }),
});

export type TreeDocument = z.infer<typeof treeDocument>;
