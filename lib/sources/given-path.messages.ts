export const relativeTo = (path: string, directory: string): string =>
  ` The path "${path}" is relative to the working directory ${directory}.`;

export const workingDirectoryGone = (path: string): string =>
  ` The path "${path}" is relative to the working directory, which no longer exists. Use an absolute path.`;
