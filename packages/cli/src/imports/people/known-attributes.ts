/** Attributes that we have a name for, in AM's letters: directories write names in any case. */
const OURS = [
  'mail',
  'givenName',
  'sn',
  'cn',
  'uid',
  'displayName',
  'telephoneNumber',
  'preferredLocale',
  'preferredlanguage',
  'employeeNumber',
  'postalAddress',
  'street',
  'l',
  'st',
  'postalCode',
  'description',
  'push2faEnabled',
  'oath2faEnabled',
  'webauthn2faEnabled',
  'retryLimitNodeCount',
  'iplanet-am-user-alias-list',
] as const;

const SPELLINGS: ReadonlyMap<string, string> = new Map(OURS.map((name) => [name.toLowerCase(), name]));

/** The name that an attribute has here: folded to ours where there is one, else as it is spelled. */
export const ourNameOf = (name: string, more: ReadonlyMap<string, string>): string =>
  more.get(name.toLowerCase()) ?? SPELLINGS.get(name.toLowerCase()) ?? name;

/** What a server says of its entries by itself, and what is read in another way: nothing is lost by leaving it out. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'dn',
  '_id',
  'username',
  'realm',
  'universalid',
  'objectclass',
  'userpassword',
  'inetuserstatus',
  'iplanet-am-user-login-status',
  'iplanet-am-user-account-life',
  'accountstatus',
  'fr-idm-accountstatus',
  'nsaccountlock',
  'useraccountcontrol',
  'aci',
  'entrydn',
  'entryuuid',
  'entrycsn',
  'etag',
  'nsuniqueid',
  'hassubordinates',
  'numsubordinates',
  'structuralobjectclass',
  'governingstructurerule',
  'subschemasubentry',
  'createtimestamp',
  'modifytimestamp',
  'creatorsname',
  'modifiersname',
  'contextcsn',
  'isdeleted',
  'ismemberof',
  'memberof',
]);
/** State of password policies. */
const LEFT_OUT_BEGINNINGS = ['pwd', 'ds-', 'sunamauthinvalidattempts'];

export const isLeftOut = (folded: string): boolean =>
  LEFT_OUT.has(folded) || LEFT_OUT_BEGINNINGS.some((beginning) => folded.startsWith(beginning));

/** What gives somebody rights here, or proves somebody: a file does not. */
export const NOT_TAKEN: ReadonlySet<string> = new Set([
  'assentroles',
  'kbainfo',
  'authpassword',
  'iplanet-am-user-password-reset-question-answer',
  'passwordhistory',
  'sambantpassword',
  'sambalmpassword',
  'sambapasswordhistory',
  'unicodepwd',
  'krbprincipalkey',
  'userpkcs12',
  'deviceprofiles',
  'devicesprofile',
  'webauthndeviceprofiles',
  'bounddevices',
  'deviceprintprofiles',
]);
