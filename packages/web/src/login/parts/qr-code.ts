import type { QrCode } from '@assent/wire';
import { encodeQR } from 'qr';

/** Modules of white around the code. @see ISO/IEC 18004 §6.3.8 */
const quietZone = 4;

/**
 * Renders a setup code. Level M survives a smudge; above 600 bytes level L keeps the modules large enough to scan.
 * The quiet zone is included. @see ux.md §2.4
 */
export const renderQr = (text: string): QrCode => {
  const bytes = new TextEncoder().encode(text).length;
  try {
    const rows = encodeQR(text, 'raw', { ecc: bytes > 600 ? 'low' : 'medium', border: quietZone });
    return { size: rows.length, path: rows.map(rowPath).join('') };
  } catch {
    return 'too-long';
  }
};

/** One rectangle per run of dark modules. */
const rowPath = (row: readonly boolean[], y: number): string => {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue;
    let end = x + 1;
    while (row[end] === true) end += 1;
    path += `M${x} ${y}h${end - x}v1h-${end - x}z`;
    x = end;
  }
  return path;
};
