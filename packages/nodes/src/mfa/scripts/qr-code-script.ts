import { scriptTextStrictly } from '../../escaping/script-text.ts';

/** Renders the code in AM's own page; all others take the hidden value (spec: journeys-rest §3.4). */
export const qrCodeScript = (uri: string): string =>
  [
    'window.QRCodeReader.createCode({',
    "    id: 'callback_0',",
    `    text: '${scriptTextStrictly(uri)}',`,
    "    version: '20',",
    "    code: 'L'",
    '});',
  ].join('\n');
