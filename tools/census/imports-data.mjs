const TREES = 'realm-config/authentication/authenticationtrees';
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
const id = (at) => `5ba9e000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const base64 = (text) => Buffer.from(text).toString('base64');

const script = (at, more) => ({
  path: `scripts/${id(at)}`,
  body: {
    _id: id(at),
    name: `Shape ${at}`,
    description: null,
    script: base64('outcome = "true";'),
    default: false,
    language: 'JAVASCRIPT',
    context: 'AUTHENTICATION_TREE_DECISION_NODE',
    evaluatorVersion: '1.0',
    ...more,
  },
});
const node = (at, type, settings) => ({
  path: `${TREES}/nodes/${type}/${id(at)}`,
  body: { _id: id(at), _type: { _id: type, name: type, collection: true }, _outcomes: [], ...settings },
});
/** A tree of one node, which has to be saved before. */
const tree = (at, type, more, wired = {}) => ({
  path: `${TREES}/trees/Shape${at}`,
  before: node(at, type, {}),
  body: {
    _id: `Shape${at}`,
    entryNodeId: id(at),
    nodes: {
      [id(at)]: { nodeType: type, displayName: type, connections: { outcome: SUCCESS }, x: 0, y: 0.5, ...wired },
    },
    staticNodes: { startNode: { x: 1, y: 2 }, [SUCCESS]: { x: 3, y: 4 }, [FAILURE]: { x: 5, y: 6 } },
    uiConfig: { categories: '["Shapes"]' },
    ...more,
  },
});
const service = (name, body) => ({ path: `realm-config/services/${name}`, body: { _id: '', _type: {}, ...body } });

/**
 * What exports that others have published bring, beyond what a server of one version writes: each shape in words of our own.
 * `becomes` says what this server does with it: it acts, it is kept without an effect, or it is kept and a journey that
 * reaches it fails. `reads` are members that come back in another form. A test walks them all.
 */
export const SHAPES = [
  {
    what: 'a script in Groovy',
    becomes: 'kept, fails when reached',
    ...script(1, { language: 'GROOVY', script: base64('def names = ["a": 1] as Map<String, Integer>') }),
  },
  {
    what: 'a library with what it exports',
    becomes: 'acts',
    ...script(2, {
      context: 'LIBRARY',
      evaluatorVersion: '2.0',
      script: base64('exports.greet = function (name) { return "Hello " + name; };'),
      exports: [{ id: 'greet', type: 'Function', arity: 1 }],
    }),
  },
  {
    what: 'an engine that is called V1_0',
    becomes: 'acts',
    ...script(3, { evaluatorVersion: 'V1_0' }),
  },
  {
    what: 'an engine that is called V2_0',
    becomes: 'acts',
    ...script(4, { evaluatorVersion: 'V2_0' }),
  },
  { what: 'members of a script that we do not know', becomes: 'kept', ...script(5, { owner: null, tags: ['shape'] }) },
  {
    what: 'the id of a script that lacks a digit',
    becomes: 'acts',
    ...script(6, {}),
    path: `scripts/${id(6).slice(0, -1)}`,
  },
  {
    what: 'a mail sender without hostName',
    becomes: 'kept, fails when reached',
    ...node(10, 'OneTimePasswordSmtpSenderNode', {
      hostName: null,
      hostPort: 25,
      username: 'door',
      fromEmailAddress: 'door@example.com',
      emailAttribute: 'mail',
      sslOption: 'SSL',
    }),
  },
  {
    what: 'a query that is not there',
    becomes: 'kept, fails when reached',
    ...node(11, 'QueryFilterDecisionNode', { identityAttribute: 'userName', identifier: 'userName' }),
  },
  {
    what: 'an inner journey that is not named',
    becomes: 'kept, fails when reached',
    ...node(12, 'InnerTreeEvaluatorNode', { displayErrorOutcome: false }),
  },
  {
    what: 'transientState of a Debug node',
    becomes: 'kept',
    ...node(13, 'DebugNode', { popupEnabled: false, transientState: false }),
  },
  {
    what: 'a cookie with the maximum age -1',
    becomes: 'acts',
    ...node(14, 'SetCustomCookieNode', { name: 'shape', value: 'x', maxAge: -1, useSecureCookie: true }),
  },
  {
    what: 'settings of another version',
    becomes: 'kept',
    ...node(15, 'SetPersistentCookieNode', { idleTimeout: 5, maxLife: 5, 'hmacSigningKey-encrypted': null }),
  },
  {
    what: 'a node of a type that we lack',
    becomes: 'kept, fails when reached',
    ...node(16, 'product-ShapeNode', { shape: { round: true }, edges: null, list: ['a'] }),
  },
  { what: 'versions of nodes as numbers', becomes: 'acts', ...tree(20, 'UsernameCollectorNode', {}, { version: 1 }) },
  {
    what: 'members of a journey that we do not know',
    becomes: 'kept',
    ...tree(21, 'UsernameCollectorNode', { identityResource: 'managed/alpha_user', owner: null, stages: [{ a: 1 }] }),
  },
  {
    what: 'members of a wired node that we do not know',
    becomes: 'kept',
    ...tree(22, 'UsernameCollectorNode', {}, { colour: null, _outcomes: [{ id: 'outcome', displayName: 'Outcome' }] }),
  },
  {
    what: 'the email service of AM without a server',
    becomes: 'kept, fails when reached',
    ...service('email', {
      emailAddressAttribute: 'mail',
      emailRateLimitSeconds: 1,
      emailImplClassName: 'org.example.Mail',
      port: 465,
      sslState: 'SSL',
    }),
  },
  {
    what: 'the validation service with members that we do not know',
    becomes: 'kept',
    ...service('validation', { validGotoDestinations: ['https://app.example.com/*'], shape: 1 }),
  },
  {
    what: 'authentication settings with all that AM has there',
    becomes: 'kept',
    path: 'realm-config/authentication',
    body: {
      _id: '',
      _type: { _id: 'EMPTY', name: 'Core', collection: false },
      general: { locale: 'en', defaultAuthLevel: 0, twoFactorRequired: false, identityType: ['agent', 'user'] },
      security: { sharedSecret: null, addClearSiteDataHeader: true, moduleBasedAuthEnabled: true },
      trees: { authenticationSessionsStateManagement: 'JWT', authenticationSessionsWhitelist: false },
      accountlockout: { loginFailureCount: 5, lockoutDuration: 0 },
      userprofile: { dynamicProfileCreation: 'false', aliasAttributeName: ['uid'] },
      postauthprocess: { loginSuccessUrl: ['/am/console'], loginFailureUrl: [], loginPostProcessClass: [] },
    },
  },
  {
    what: 'a mail template with members that say nothing about a mail',
    becomes: 'kept',
    path: 'realm-config/email-templates/shape',
    body: {
      _id: 'emailTemplate/shape',
      displayName: 'Shape',
      enabled: true,
      defaultLocale: 'en',
      from: '',
      mimeType: 'text/html',
      subject: { en: 'Hello' },
      message: { en: '<p>{{object.resumeURI}}</p>' },
      html: { en: '' },
      styles: 'p { color: black }',
      templateId: 'shape',
    },
  },
];
