import { type JsonPath, pointerOf } from '../workspace/json-path.js';
import type { WorkspaceFile } from '../workspace/workspace-files.js';
import type { Location } from '../workspace/json-location.js';
import type { RuleId } from './rules.js';

/** A violated rule. Messages never quote the values of configs. */
export interface Finding {
  readonly rule: RuleId;
  /** Path below the workspace, with forward slashes. */
  readonly path: string;
  /** The place in the document; absent for a file or directory as a whole. */
  readonly at?: JsonPath;
  /** What is wrong: the name of the property at that place, or its value. Default: `value`. */
  readonly on?: 'name' | 'value';
  /** Known only for broken JSON, which has no places. */
  readonly location?: Location;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** A document of a workspace: a file with a JSON object. */
export interface Document {
  readonly file: WorkspaceFile;
  readonly content: Readonly<Record<string, unknown>>;
  /** The key in the document; `undefined` if it has none. */
  readonly key: string | undefined;
}

/** Returns findings without those that repeat an earlier one, as two checks may notice the same mistake. */
export function withoutRepetitions(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, path, at, on }) => {
    const identity = [rule, path, at === undefined ? '' : pointerOf(at), on === 'name'].join('\0');
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}
