/**
 * The timed loop of `logging-child.mjs`. Each lane imports this file under a query of its own, so that no call site is
 * shared.
 */
export function call(logger, paths, count) {
  for (let done = 0, at = 0; done < count; done++) {
    logger.debug('message', paths[at]);
    if (++at === paths.length) at = 0;
  }
}

/** Like `call`, through loggers that have their path. */
export function callEach(loggers, count) {
  for (let done = 0, at = 0; done < count; done++) {
    loggers[at].debug('message');
    if (++at === loggers.length) at = 0;
  }
}
