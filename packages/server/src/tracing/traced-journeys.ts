import { JourneyError } from '@assent/engine';
import { cameTo, type JourneyObserver } from '@assent/engine/host';
import type { Span } from '@opentelemetry/api';
import type { Spans } from './spans.ts';

/** A tree that the realm does not have is a word of the caller. */
const isOfRealm = (error: unknown): boolean => error instanceof JourneyError && !error.is('TREE_NOT_FOUND');

/** A span for each request that may move a journey on, and within it one for each visit of a node. */
export const tracedJourneys = (spans: Spans, plain: JourneyObserver): JourneyObserver => ({
  submit(journey, run) {
    const { realm, tree } = journey;
    const noteTree = (span: Span): void => {
      if (tree !== undefined) span.setAttribute('assent.journey', tree);
    };
    return spans.run(
      'journey.submit',
      {
        attributes: { 'assent.realm': realm },
        came(span, answer) {
          noteTree(span);
          span.setAttribute('assent.outcome', answer.kind);
        },
        failed(span, error) {
          if (isOfRealm(error)) noteTree(span);
          span.setAttribute('assent.outcome', 'error');
        },
      },
      () => plain.submit(journey, run),
    );
  },
  visit: (node, run) =>
    spans.run(
      `node ${node.type}`,
      {
        attributes: { 'assent.node.type': node.type, 'assent.node.id': node.id, 'assent.journey': node.tree },
        came: (span, action) => span.setAttribute('assent.outcome', cameTo(node, action)),
        failed: (span) => span.setAttribute('assent.outcome', cameTo(node, undefined)),
      },
      () => plain.visit(node, run),
    ),
});
