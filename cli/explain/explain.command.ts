import { type EvaluationTrace, closestName } from 'nestjs-quonfig';
import { defineCommand, FAILED, OK } from '../command.js';
import { harmless } from '../style.js';
import { DATADIR, ENVIRONMENT, JSON_OUTPUT } from '../shared-options.js';
import { chooseEnvironment } from '../workspace/environment.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { openService } from '../workspace/open-service.js';
import { readEnvironments } from '../workspace/settings.js';
import { parseContexts } from './contexts.js';
import { hintsFor } from './hints.js';
import { traceText } from './trace-text.js';

export const explain = defineCommand({
  usage: 'KEY [options]',
  about: [
    'Evaluates a key as an application would, and shows every rule and criterion',
    'that was tried. Set the environment variables that provide values, too.',
  ],
  operands: { min: 1, max: 1, are: 'keys' },
  options: {
    context: { value: 'JSON', about: 'contexts: {"user": {"key": "anna"}}, or @FILE' },
    ...DATADIR,
    ...ENVIRONMENT,
    ...JSON_OUTPUT,
  },
  examples: [`explain my.flag --context '{"user": {"plan": "pro"}}'`],

  async run({ options, operands: [key = ''], terminal }) {
    const contexts = parseContexts(options.context);
    const datadir = findWorkspace(options.datadir);
    const environment = await chooseEnvironment(options.environment, readEnvironments(datadir));
    const quonfig = await openService(datadir, environment);
    let trace: EvaluationTrace;
    try {
      trace = quonfig.explain(key, contexts);
    } finally {
      await quonfig.close();
    }
    terminal.print(
      options.json
        ? JSON.stringify(trace, null, 2)
        : traceText(trace, quonfig.rawConfig(key), terminal.style),
    );
    const { errorCode } = trace.outcome;
    if (errorCode === 'FLAG_NOT_FOUND') {
      const meant = closestName(key, quonfig.keys());
      if (meant !== undefined) terminal.note(`Did you mean ${meant}?`);
    }
    if (!options.json) {
      for (const hint of hintsFor(trace, contexts, datadir)) terminal.note(harmless(hint));
    }
    return errorCode === undefined ? OK : FAILED;
  },
});
