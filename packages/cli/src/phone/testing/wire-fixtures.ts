import { createHmac } from 'node:crypto';

/** push-protocol.md §12, worked examples. */
export const VECTOR = {
  key: 'vuUj5LiGHko89joabTsc1FWX8vcN8IIrc+KFRkCNe5k=',
  mechanismUid: '0f6a1c52-7f0e-4b0b-9f2d-5d8f5b1c7e21',
  registerMessageId: 'REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000',
  uri: 'pushauth://push/Acme:jane?l=bGI9bm9kZTc&issuer=QWNtZQ&m=REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000&s=vuUj5LiGHko89joabTsc1FWX8vcN8IIrc-KFRkCNe5k&c=fPpwe-VqEbfjH61FSC5gfSK9LF5sM1kXetvAa-Geb2c&r=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9hbS9qc29uL3N0YWZmL3B1c2gvc25zL21lc3NhZ2U_X2FjdGlvbj1yZWdpc3Rlcg&a=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9hbS9qc29uL3N0YWZmL3B1c2gvc25zL21lc3NhZ2U_X2FjdGlvbj1hdXRoZW50aWNhdGU&uid=amFuZQ&pid=N2YzZDJiOTAtMWM0NC00ZjZlLWEzYjEtNmQ1ZTRjM2IyYTE5&b=0b5fff&image=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9sb2dvLnBuZw',
  registerJwt:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJkZXZpY2VJZCI6ImZjbS10b2tlbi1FWEFNUExFIiwiZGV2aWNlTmFtZSI6IlBpeGVsIG9mIEphbmUiLCJkZXZpY2VUeXBlIjoiYW5kcm9pZCIsImNvbW11bmljYXRpb25UeXBlIjoiZ2NtIiwibWVjaGFuaXNtVWlkIjoiMGY2YTFjNTItN2YwZS00YjBiLTlmMmQtNWQ4ZjViMWM3ZTIxIiwicmVzcG9uc2UiOiJQL0luVmt3NStiNFkyTFh3UjRnWnF0NmNUTEcrbW9JZjhubFdLYUpoV3h3PSJ9.G2LdHK5xOX-gsZ_yj8H6xrYvcBwwnw8Zi0lDQRlJEiI',
  messageId: 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000',
  sentAt: 1_760_000_300_000,
  pushJwt:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1IjoiMGY2YTFjNTItN2YwZS00YjBiLTlmMmQtNWQ4ZjViMWM3ZTIxIiwibCI6ImJHSTlibTlrWlRjPSIsImMiOiJTTlVCWmllNVdxcnF2THVpdlZIK00xbUVVb1hwUkpMMk01VWExTjZsQkI4PSIsIm0iOiJMb2dpbiBhdHRlbXB0IGZyb20gamFuZSBhdCBBY21lIiwiayI6ImNoYWxsZW5nZSIsImkiOiIxNzYwMDAwMzAwMDAwIiwidCI6IjEyMCIsImQiOiJqYW5lIiwicCI6Int9IiwieCI6IntcInJlbW90ZUlwXCI6XCIxOTguNTEuMTAwLjdcIn0iLCJuIjoiMjQsNTcsODEifQ.SFI-aPMVucEDhxWM6rtZElf6hZ8ddD1B6L92yoevldg',
  approvalJwt:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyZXNwb25zZSI6IjJGVTlxeHd5OVdJeGZPQzBvQXVPajZyWG14NVdzR3F0aEd3aWNnRGpTYWs9IiwiY2hhbGxlbmdlUmVzcG9uc2UiOiI1NyJ9.3qxC08sTHV04l5tge6I1YHW9HsIy7h3PLznlfvCRlWs',
  denialJwt:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyZXNwb25zZSI6IjJGVTlxeHd5OVdJeGZPQzBvQXVPajZyWG14NVdzR3F0aEd3aWNnRGpTYWs9IiwiZGVueSI6dHJ1ZX0.19oPoM_XfCQk-GcmP4nx9QD8V3Wg9b3laexhio6MLjw',
  refreshJwt:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJkZXZpY2VJZCI6ImZjbS10b2tlbi1FWEFNUExFLTIiLCJkZXZpY2VOYW1lIjoiUGl4ZWwgb2YgSmFuZSIsImRldmljZVR5cGUiOiJhbmRyb2lkIiwiY29tbXVuaWNhdGlvblR5cGUiOiJnY20ifQ.Id-YweKNhponHO06JPdfIgldjo9kYeS_RRh6eKkura4',
} as const;

/** A setup code for a server of the test; parameters can be replaced, or removed with undefined. */
export function setupCode(
  origin: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  label = 'Acme:jane',
): string {
  const message = `${origin}/am/json/staff/push/sns/message`;
  const parameters: Record<string, string | undefined> = {
    l: base64Url('lb=node7'),
    issuer: base64Url('Acme'),
    m: VECTOR.registerMessageId,
    s: Buffer.from(VECTOR.key, 'base64').toString('base64url'),
    c: Buffer.alloc(32, 7).toString('base64url'),
    r: base64Url(`${message}?_action=register`),
    a: base64Url(`${message}?_action=authenticate`),
    uid: base64Url('jane'),
    d: base64Url('jane'),
    pid: base64Url('7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19'),
    ...changes,
  };
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return `pushauth://push/${label}?${query.join('&')}`;
}

/** Text as the setup code carries it. */
export function base64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A push JWT as the server would make it; written here again so that the phone's own signing is not its own judge. */
export function pushJwt(
  claims: Readonly<Record<string, unknown>>,
  options: { key?: string; header?: object } = {},
): string {
  const part = (value: unknown): string => base64Url(JSON.stringify(value));
  const input = `${part(options.header ?? { typ: 'JWT', alg: 'HS256' })}.${part(claims)}`;
  const mac = createHmac('sha256', Buffer.from(options.key ?? VECTOR.key, 'base64'))
    .update(input)
    .digest('base64url');
  return `${input}.${mac}`;
}

/** The claims of a challenge push to one device. */
export function pushClaims(
  mechanismUid: string,
  sentAt: number,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    u: mechanismUid,
    l: Buffer.from('lb=node9').toString('base64'),
    c: Buffer.alloc(32, 9).toString('base64'),
    m: 'Login attempt from jane at Acme',
    k: 'challenge',
    i: String(sentAt),
    t: '120',
    d: 'jane',
    p: '{}',
    x: JSON.stringify({ remoteIp: '198.51.100.7' }),
    ...changes,
  };
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
}

/** The header of a JWT. */
export function headerOf(jwt: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[0] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
}
