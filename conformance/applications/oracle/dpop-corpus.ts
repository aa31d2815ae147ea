import { type Corpus, casesOf } from './corpus.ts';
import { type Answer, ask, codeOf, type Peer, redemption, token } from './peer.ts';
import { ath, dpopProof, PRIVATE_KEY_IN_HEADER, type ProofOver, publicJwk, thumbprint } from './proofs.ts';

// Proofs of a key (RFC 9449 §4.3), with each part of them wrong in its turn.

type Given = ProofOver | ((peer: Peer, now: number) => ProofOver);

const PROOFS: Readonly<Record<string, Given>> = {
  'as it should be': {},
  'no typ': { header: { typ: undefined } },
  'another typ': { header: { typ: 'JWT' } },
  'no signature': { header: { alg: 'none' } },
  'an HMAC': { header: { alg: 'HS256' } },
  'an alg that nobody knows': { header: { alg: 'lemon' } },
  'the alg of another kind of key': { header: { alg: 'RS256' } },
  'no key': { header: { jwk: undefined } },
  'a key that is none': { header: { jwk: {} } },
  'a private key': () => ({ header: PRIVATE_KEY_IN_HEADER() }),
  'the key of another': () => ({ header: { jwk: publicJwk('thief') } }),
  'the signature of another': { signedBy: 'thief' },
  'no jti': { claims: { jti: undefined } },
  'a jti that is no text': { claims: { jti: 7 } },
  'an empty jti': { claims: { jti: '' } },
  'no htm': { claims: { htm: undefined } },
  'another htm': { claims: { htm: 'GET' } },
  'an htm in small letters': { claims: { htm: 'post' } },
  'no htu': { claims: { htu: undefined } },
  'an htu of another host': { claims: { htu: 'https://evil.example/access_token' } },
  'an htu of another address here': (peer) => ({ claims: { htu: `${peer.issuer}/userinfo` } }),
  'an htu with a query': (peer) => ({ claims: { htu: `${peer.issuer}/access_token?a=b` } }),
  'an htu with a fragment': (peer) => ({ claims: { htu: `${peer.issuer}/access_token#a` } }),
  'an htu that is no address': { claims: { htu: 'lemon' } },
  'no iat': { claims: { iat: undefined } },
  'an iat that is no number': { claims: { iat: 'now' } },
  'an iat of an hour ago': (_, now) => ({ claims: { iat: now - 3_600 } }),
  'an iat of an hour from now': (_, now) => ({ claims: { iat: now + 3_600 } }),
  'an iat of some seconds ago': (_, now) => ({ claims: { iat: now - 20 } }),
  'an iat of some seconds from now': (_, now) => ({ claims: { iat: now + 10 } }),
  'a time that is over': (_, now) => ({ claims: { exp: now - 600 } }),
  'a time that has not begun': (_, now) => ({ claims: { nbf: now + 600 } }),
  'an ath, though there is no token': { claims: { ath: ath('lemon') } },
};

const proofAt = async (peer: Peer, path: string, given: Given = {}, htm = 'POST'): Promise<string> => {
  const iat = await peer.now();
  return dpopProof({ htu: `${peer.issuer}/${path}`, iat, htm }, typeof given === 'function' ? given(peer, iat) : given);
};

const redeemed = async (peer: Peer, dpop: string | undefined, change: Readonly<Record<string, string>> = {}) => {
  const { client_id: id = 'spa', ...asked } = change;
  return token(
    peer,
    { ...redemption(await codeOf(peer, { client_id: id, ...asked })), client_id: id },
    dpop === undefined ? {} : { dpop },
  );
};

interface Bound {
  readonly access: string;
  readonly refresh: string;
}

const bound = async (peer: Peer): Promise<Bound> => {
  const { body } = await redeemed(peer, await proofAt(peer, 'access_token'));
  return { access: String(body.access_token), refresh: String(body.refresh_token) };
};

const shown = async (peer: Peer, { access }: Bound, given?: Given, scheme = 'DPoP'): Promise<Answer> => {
  const proof = given === undefined ? {} : { dpop: await proofAt(peer, 'userinfo', given, 'GET') };
  return ask(peer, 'userinfo', { headers: { authorization: `${scheme} ${access}`, ...proof } });
};

const refreshed = async (peer: Peer, { refresh }: Bound, given?: Given): Promise<Answer> =>
  token(
    peer,
    { grant_type: 'refresh_token', client_id: 'spa', refresh_token: refresh },
    given === undefined ? {} : { dpop: await proofAt(peer, 'access_token', given) },
  );

export const DPOP: Corpus = [
  ...casesOf('a code by a proof with', PROOFS, async (peer, given) =>
    redeemed(peer, await proofAt(peer, 'access_token', given)),
  ),
  { name: 'a code by a proof that is no JWT', run: (peer) => redeemed(peer, 'lemon') },
  { name: 'a code by an empty proof', run: (peer) => redeemed(peer, '') },
  {
    name: 'a code by two proofs',
    run: async (peer) =>
      redeemed(peer, `${await proofAt(peer, 'access_token')}, ${await proofAt(peer, 'access_token')}`),
  },
  {
    name: 'a code by a proof that was shown before',
    async run(peer) {
      const proof = await proofAt(peer, 'access_token');
      await redeemed(peer, proof);
      return redeemed(peer, proof);
    },
  },
  {
    name: 'a code of a client that must prove a key, without a proof',
    run: (peer) => redeemed(peer, undefined, { client_id: 'bound' }),
  },
  {
    name: 'a code of a client that must prove a key, with a proof',
    run: async (peer) => redeemed(peer, await proofAt(peer, 'access_token'), { client_id: 'bound' }),
  },
  {
    name: 'a code for a key, by its proof',
    run: async (peer) => redeemed(peer, await proofAt(peer, 'access_token'), { dpop_jkt: thumbprint('app') }),
  },
  {
    name: 'a code for a key, by the proof of another',
    run: async (peer) => redeemed(peer, await proofAt(peer, 'access_token'), { dpop_jkt: thumbprint('thief') }),
  },
  {
    name: 'a code for a key, without a proof',
    run: (peer) => redeemed(peer, undefined, { dpop_jkt: thumbprint('app') }),
  },
  ...casesOf<(peer: Peer, tokens: Bound) => Promise<Answer>>(
    'userinfo with a bound token and',
    {
      'its proof': (peer, it) => shown(peer, it, { claims: { ath: ath(it.access) } }),
      'no proof': (peer, it) => shown(peer, it),
      'no proof, as a bearer': (peer, it) => shown(peer, it, undefined, 'Bearer'),
      'its proof, as a bearer': (peer, it) => shown(peer, it, { claims: { ath: ath(it.access) } }, 'Bearer'),
      'a proof without ath': (peer, it) => shown(peer, it, {}),
      'a proof for another token': (peer, it) => shown(peer, it, { claims: { ath: ath('lemon') } }),
      'the proof of another key': (peer, it) =>
        shown(peer, it, { header: { jwk: publicJwk('thief') }, signedBy: 'thief', claims: { ath: ath(it.access) } }),
      'a proof for another method': (peer, it) => shown(peer, it, { claims: { ath: ath(it.access), htm: 'POST' } }),
    },
    async (peer, run) => run(peer, await bound(peer)),
  ),
  ...casesOf<Given | undefined>(
    'a refresh with a bound token and',
    {
      'its proof': {},
      'no proof': undefined,
      'the proof of another key': { header: { jwk: publicJwk('thief') }, signedBy: 'thief' },
    },
    async (peer, given) => refreshed(peer, await bound(peer), given),
  ),
];
