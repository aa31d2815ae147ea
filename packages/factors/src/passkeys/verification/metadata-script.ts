import { MAX_MODELS, MODEL_BOUNDS } from '../trust/model-metadata.ts';

/** Of a JSON text. The blob of the FIDO Alliance has some hundred entries of a few hundred values each. */
const MAX_VALUES = 500_000;
const MAX_DEPTH = 32;

/** Of all models, since each costs the main thread some 10 microseconds: several times as many as the blob of the FIDO Alliance has. */
const MAX_STATUSES = 5_000;
const MAX_ROOTS = 5_000;

/**
 * For the thread: `readMetadata`, which verifies the signature of a blob and picks what decides about models. A realm may trust a signer that means
 * harm, so the signature bounds nothing. The heap limit of a thread does not either: a thread that reaches it while it ends takes the process along.
 * So the values of the JSON text are counted before it is parsed, and little crosses to the main thread (SEC-93, SEC-94). An entry that exceeds a
 * bound of its own is left out.
 */
export const METADATA_SCRIPT = `
const BOUNDS = ${JSON.stringify(MODEL_BOUNDS)};
const checkSize = (json) => {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case 0x22:
        for (at += 1; at < json.length && json[at] !== 0x22; at += 1) if (json[at] === 0x5c) at += 1;
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        values += 1;
        if (depth > ${MAX_DEPTH}) throw new Error('it is nested over ${MAX_DEPTH} levels');
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      case 0x2c:
      case 0x3a:
        values += 1;
    }
    if (values > ${MAX_VALUES}) throw new Error('it has more than ${MAX_VALUES} values');
  }
};
const isObject = (value) => typeof value === 'object' && value !== null;
const isText = (value, most) => typeof value === 'string' && value.length <= most;
const isDate = (value) => isText(value, 10);
const isListOf = (value, most, isItem) => Array.isArray(value) && value.length <= most && value.every(isItem);
const modelOf = (entry) => {
  if (!isObject(entry) || !isObject(entry.metadataStatement)) return undefined;
  const { aaguid, statusReports, metadataStatement } = entry;
  const { description, attestationRootCertificates: roots, keyProtection } = metadataStatement;
  const isStatus = (it) =>
    isObject(it) && isText(it.status, BOUNDS.status) && (it.effectiveDate === undefined || isDate(it.effectiveDate));
  if (
    !isText(aaguid, 36) ||
    !(description === undefined || isText(description, BOUNDS.description)) ||
    !isListOf(statusReports, BOUNDS.statuses, isStatus) ||
    !isListOf(roots, BOUNDS.roots, (it) => isText(it, BOUNDS.root)) ||
    !isListOf(keyProtection, BOUNDS.keyProtections, (it) => isText(it, BOUNDS.keyProtection))
  )
    return undefined;
  const statuses = statusReports.map(({ status, effectiveDate }) => ({ status, effectiveDate }));
  return { aaguid, description, statuses, roots, keyProtection };
};
const modelsOf = (entries) => {
  const models = [];
  const left = { models: ${MAX_MODELS}, statuses: ${MAX_STATUSES}, roots: ${MAX_ROOTS} };
  for (const entry of entries) {
    const model = modelOf(entry);
    if (model === undefined) continue;
    left.models -= 1;
    left.statuses -= model.statuses.length;
    left.roots -= model.roots.length;
    if (left.models < 0) throw new Error('it has more than ${MAX_MODELS} models');
    if (left.statuses < 0) throw new Error('its models have more than ${MAX_STATUSES} statuses');
    if (left.roots < 0) throw new Error('its models have more than ${MAX_ROOTS} root certificates');
    models.push(model);
  }
  return models;
};
const readMetadata = ({ blob, algorithm, key }) => {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  let begin = 0;
  while (bytes[begin] <= 0x20) begin += 1;
  const first = bytes.indexOf('.', begin);
  const second = first < 0 ? -1 : bytes.indexOf('.', first + 1);
  if (second < 0 || bytes.includes('.', second + 1)) throw new Error('it is no JWS');
  const signature = Buffer.from(bytes.toString('latin1', second + 1).trim(), 'base64url');
  const by = { key, dsaEncoding: 'ieee-p1363' };
  if (!verify('sha' + algorithm.slice(2), bytes.subarray(begin, second), by, signature))
    throw new Error('the signature is not that of its certificate');
  const json = Buffer.from(bytes.toString('latin1', first + 1, second), 'base64url');
  checkSize(json);
  const { no, nextUpdate, entries } = JSON.parse(json);
  if (!Array.isArray(entries)) throw new Error('it has no entries');
  return {
    accepted: true,
    value: {
      no: typeof no === 'number' ? no : undefined,
      nextUpdate: isDate(nextUpdate) ? nextUpdate : undefined,
      entries: modelsOf(entries),
    },
  };
};
`;
