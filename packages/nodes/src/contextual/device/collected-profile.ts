/** What the documentation says where a Device Profile Collector is missing, or did not collect what a node needs. */
export const ATTRIBUTE_REQUIRED =
  'Device Profile Collector Node to collect device attribute is required: {{attribute}}';
export const USER_UNUSABLE = 'User does not exist or inactive';
