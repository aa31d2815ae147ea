import { LOG_LENGTH, scriptResult } from './result.js';

const LOG_LINES = 50;

const log = (level) => {
  const write = (message, ...values) => {
    if (scriptResult.logs.length >= LOG_LINES) return;
    let text = String(message);
    for (const value of values) text = text.replace('{}', () => String(value));
    scriptResult.logs.push({ level, text: text.slice(0, LOG_LENGTH) });
  };
  return write;
};

const enabled = () => true;
export const logger = {
  trace: log('debug'),
  debug: log('debug'),
  info: log('info'),
  message: log('info'),
  warn: log('warn'),
  warning: log('warn'),
  error: log('error'),
  isTraceEnabled: enabled,
  isDebugEnabled: enabled,
  isInfoEnabled: enabled,
  isWarnEnabled: enabled,
  isErrorEnabled: enabled,
  messageEnabled: enabled,
  warningEnabled: enabled,
  errorEnabled: enabled,
};
