import type { StoredConfig } from '../model/index.js';
import { checkWorkspace } from '../store/index.js';
import { moreFindings } from './delivery.messages.js';

/** Further findings are only counted, so that a broken workspace does not flood the log. */
const MAX_FINDINGS = 20;

/** Checks the configs of a workspace, and logs a warning per finding, including those about its layout. */
export async function logFindings(
  configs: Iterable<StoredConfig>,
  layout: readonly string[],
  warn: (message: string) => void,
): Promise<void> {
  const findings = [...layout, ...(await checkWorkspace(configs))];
  for (const finding of findings.slice(0, MAX_FINDINGS)) warn(finding);
  const more = findings.length - MAX_FINDINGS;
  if (more > 0) warn(moreFindings(more));
}
