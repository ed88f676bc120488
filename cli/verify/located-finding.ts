import { portablePath, shownPath } from '../output/shown-path.js';
import { JsonLocator, type Location } from '../workspace/json-location.js';
import { pointerOf } from '../workspace/json-path.js';
import type { WorkspaceFiles } from '../workspace/workspace-files.js';
import type { Finding } from './finding.js';
import { RULES, type RuleId, type Severity } from './rules.js';

/** A finding with all that a report needs. */
export interface LocatedFinding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The file for people: relative to the working directory, with the separators of the system. */
  readonly file: string;
  /** Absent for a directory, and a file that cannot be read. */
  readonly location?: Location;
  /** JSON pointer to the place. */
  readonly pointer?: string;
  readonly message: string;
  /** Finds more places in the same file; `undefined` without a location. */
  readonly source?: JsonSource;
}

/** A file that findings are about. */
export interface JsonSource {
  readonly text: string;
  readonly locator: JsonLocator;
}

/** Adds positions and severities to findings, and sorts those of one file by position. */
export function locate(
  findings: readonly Finding[],
  { datadir, files, settings }: WorkspaceFiles,
  isStrict: boolean,
): LocatedFinding[] {
  const texts = new Map([settings, ...files].map(({ path, text }) => [path, text]));
  const sources = new Map<string, JsonSource>();
  const sourceOf = (path: string): JsonSource | undefined => {
    const text = texts.get(path);
    if (text === undefined) return undefined;
    const source = sources.get(path) ?? { text, locator: new JsonLocator(text) };
    sources.set(path, source);
    return source;
  };
  const located = findings.map((finding): LocatedFinding => {
    const { rule, path, at, on, message } = finding;
    const source = sourceOf(path);
    const location = finding.location ?? source?.locator.find(at ?? [], on);
    return {
      rule,
      severity: isStrict ? 'error' : RULES[rule].severity,
      file: shownPath(datadir, path),
      ...(source !== undefined && location !== undefined && { location, source }),
      ...(at !== undefined && { pointer: pointerOf(at) }),
      message,
    };
  });
  const order = new Map<string, number>();
  for (const { file } of located) if (!order.has(file)) order.set(file, order.size);
  return located.sort(
    (a, b) =>
      order.get(a.file)! - order.get(b.file)! || (a.location?.line ?? 0) - (b.location?.line ?? 0),
  );
}

/** Returns a finding as plain JSON, for `--json`. */
export function plainFinding({
  file,
  rule,
  severity,
  location,
  pointer,
  message,
}: LocatedFinding): object {
  return { rule, severity, file: portablePath(file), ...location, pointer, message };
}
