/** Why git may not know a revision. */
export type RevisionHint = 'no repository' | 'remote branch' | 'shallow';

export const gitMissing = (): string =>
  'git is not installed, or not on the PATH. Install it to compare revisions; comparing environments does not need it.';

export const gitFailed = (problem: string): string =>
  `git failed: ${problem.trim().split('\n')[0] || 'no message'}. Run the command where git and the repository of the workspace are available.`;

export const noWorkspaceAt = (datadir: string, revision: string): string =>
  `${datadir} was not a workspace at ${revision}: it had no quonfig.json. Pass a later revision.`;

export const neither = (
  name: string,
  environments: readonly string[],
  suggestion: string | undefined,
  hint: RevisionHint | undefined,
): string =>
  `"${name}" is neither an environment nor a git revision.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`} ` +
  `The environments are ${environments.join(', ') || 'not listed in quonfig.json'}.${hint === undefined ? '' : ` ${HINTS[hint](name)}`}`;

const HINTS: Readonly<Record<RevisionHint, (name: string) => string>> = {
  'no repository': () => 'The workspace is not in a git repository, so it has no revisions.',
  'remote branch': (name) => `The remote has a branch of that name: write origin/${name}.`,
  shallow: () =>
    'The clone is shallow, so older revisions are missing: get them with "git fetch --unshallow", or "fetch-depth: 0" in GitHub Actions.',
};

export const oneEnvironment = (name: string): string =>
  `"${name}" is an environment; name a second one to compare it with.`;

export const environmentWithEnvironments = (): string =>
  '--environment has no meaning when two environments are compared. Leave it out.';

export const noChanges = (before: string, after: string): string =>
  `no value differs between ${before} and ${after}`;
