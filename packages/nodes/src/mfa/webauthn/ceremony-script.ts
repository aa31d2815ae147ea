import { scriptTextInUnits } from '../../escaping/script-text.ts';

// Pages of AM run these scripts, and its JavaScript SDK takes them apart by regular expressions: each line of theirs that has such a shape is the only one
// with it, lists that are matched up to the last bracket come last, and whatever others have named is data in which no shape is left (WA-26).

/** The element that the outcome is put into, by which clients know a ceremony. */
export const OUTCOME_ID = 'webAuthnOutcome';

/** A text of anybody's as a literal. */
export const literal = (text: string): string => `"${scriptTextInUnits(text)}"`;

/** A byte array as clients read it. */
export const byteArray = (bytes: Uint8Array): string =>
  `new Int8Array([${Array.from(new Int8Array(bytes)).join(', ')}])`;

/** Values of a script of the realm, of any shape. */
export const jsonValue = (value: unknown): string => `JSON.parse(${literal(JSON.stringify(value))})`;

export interface CeremonyScript {
  /** Statements that make `legacyData` of `credential` and its `response`. */
  readonly answer: readonly string[];
  /** Members of `publicKey`, in the order that parsers need. */
  readonly members: readonly string[];
  /** What starts the ceremony with `publicKey`. */
  readonly call: string;
}

/** Runs a ceremony in the page that it stands in, puts its outcome into the form and sends it (spec: webauthn §3.3). */
export const ceremonyScript = ({ answer, members, call }: CeremonyScript): string =>
  `(function () {
  function send(outcome) {
    document.getElementById("${OUTCOME_ID}").value = outcome;
    document.getElementById("loginButton_0").click();
  }
  function text(buffer) {
    return new TextDecoder().decode(buffer);
  }
  function decimals(buffer) {
    return new Int8Array(buffer).toString();
  }
  function succeeded(credential) {
    var response = credential.response;
    var legacyData;
${answer.map((line) => `    ${line}`).join('\n')}
    send(JSON.stringify({ legacyData: legacyData, authenticatorAttachment: credential.authenticatorAttachment }));
  }
  function failed(error) {
    send("ERROR::" + error.name + ":" + error.message);
  }
  if (!window.PublicKeyCredential) {
    send("unsupported");
    return;
  }
  var publicKey = {
${members.map((line) => `    ${line}`).join(',\n')}
  };
  ${call}.then(succeeded, failed);
})();`;
