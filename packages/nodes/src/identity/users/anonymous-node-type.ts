import type { Session } from '@assent/engine';

/** What `NodeType` of a session has where a journey has mapped its visitor to a user that all visitors share. */
export const ANONYMOUS_NODE_TYPE = 'Anonymous';

/** Whether the journey of the session has mapped its visitor to the user. The property belongs to the server, so no script can remove the name. */
export const isMappedVisitor = ({ properties }: Pick<Session, 'properties'>): boolean =>
  (properties.NodeType ?? '').split('|').includes(ANONYMOUS_NODE_TYPE);
