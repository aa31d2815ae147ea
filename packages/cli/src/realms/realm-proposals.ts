import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { knownRealm } from '../command/known-realm.ts';
import { plainText } from '../command/plain-text.ts';
import { BY_COMMAND, type ReasonOption, reasonIn } from '../command/reason.ts';
import type { Stored } from '../command/stored.ts';

interface ProposalsOptions extends JsonOption {
  readonly realm: string;
}

/** `assent realm proposals`: what waits for a second administrator, oldest first (ADR 118). */
export const listProposals = async (stored: Stored<ProposalsOptions>): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const realm = await knownRealm(stored);
  for (const row of await store.proposals.ofRealm(realm, io.now())) {
    const { rows, reason } = server.proposalDocumentOf(row);
    const changes = rows.map(({ outcome, detail }) => ({ ...detail, ...(outcome !== undefined && { outcome }) }));
    const proposer = (await store.identities.findById(row.proposer))?.username ?? row.proposer;
    const expiresAt = new Date(row.expiresAt).toISOString();
    if (options.json === true) {
      const said = { id: row.id, realm, proposer, changes, expiresAt, ...(reason !== undefined && { reason }) };
      printJson(io, { proposal: said });
      continue;
    }
    const [first] = rows;
    const what = `${first?.outcome ?? ''} ${String(first?.detail?.kind ?? '')} ${String(first?.detail?.id ?? '')}`;
    io.stdout.write(`${row.id}  ${plainText(proposer)}  ${plainText(what)}  until ${expiresAt}\n`);
  }
  return EXIT.done;
};

/** `assent realm reject`: nobody has signed in here, so that nobody can be the second who approves. */
export const rejectProposal = async (
  stored: Stored<ProposalsOptions & ReasonOption>,
  id: string,
): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const realm = await knownRealm(stored);
  const reason = await reasonIn(stored, realm, 'where the realm asks');
  const event = {
    at: io.now(),
    event: 'CONFIG_REJECTED',
    realm,
    transactionId: io.randomUuid(),
    detail: { proposal: id, by: BY_COMMAND, ...reason },
  };
  const result = await store.committer.commit([
    { type: 'proposal.settle', id, realm, now: io.now() },
    { type: 'audit.append', event },
  ]);
  if (!result.committed) {
    throw new CliError(
      'NO_PROPOSAL',
      `Nothing waits in the realm ${realm} under ${plainText(id)}.`,
      `assent realm proposals --realm ${realm}`,
    );
  }
  if (options.json === true) printJson(io, { rejected: { id, realm } });
  else io.stdout.write('It was rejected, and nothing was changed.\n');
  return EXIT.done;
};
