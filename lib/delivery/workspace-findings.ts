import { type StoredConfig, unpackConfig } from '../model/index.js';
import { checkWorkspace } from '../store/index.js';
import { moreFindings } from './delivery.messages.js';

/** Findings past this number are only counted, so that a broken workspace does not flood the log. */
const MAX_FINDINGS = 20;

/** Checks the configs of a workspace and warns of each finding. */
export function warnOfFindings(
  configs: readonly StoredConfig[],
  warn: (message: string) => void,
): void {
  const findings = checkWorkspace(configs.map(unpackConfig));
  for (const finding of findings.slice(0, MAX_FINDINGS)) warn(finding);
  const more = findings.length - MAX_FINDINGS;
  if (more > 0) warn(moreFindings(more));
}
