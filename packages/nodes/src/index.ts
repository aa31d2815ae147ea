export { nodeCatalogue } from './catalogue.ts';
export * from './contextual/saved-profiles.ts';
export * from './mail/mailer.ts';
export * from './scripting/script-wishes.ts';
export * from './scripting/scripts.ts';
export * from './state-keys.ts';
export { type NodeTexts, nodeTexts } from './texts/node-texts.ts';
export { universalIdOf } from './universal-id.ts';
export { scriptedDecision } from './utilities/scripted-decision.node.ts';
