/** What `NodeType` of a session says where its visitor was mapped to a user whom all visitors share. */
export const ANONYMOUS_NODE_TYPE = 'Anonymous';
