export const directoryMisnamed = (directory: string, meant: string): string =>
  `${directory} is not read: it is not one of the directories of a workspace. If it contains configs, rename it to ${meant}.`;

export const noConfigFiles = (datadir: string, directories: readonly string[]): string =>
  `${datadir} contains no configs. They are read from the .json files directly in ${directories.join(', ')}, beside quonfig.json.`;
