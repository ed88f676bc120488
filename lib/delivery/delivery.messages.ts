export const reloadFailed = (reason: string): string =>
  `The configs could not be read again, so the ones before stay in force. ${reason}`;

export const startedWithoutConfigs = (reason: string): string =>
  `The first load failed and onInitFailure is "return-defaults": reads give their defaults until configs arrive. ${reason}`;

export const loaded = (count: number, origin: string, environment: string, live: boolean): string =>
  `${count} ${count === 1 ? 'config' : 'configs'} loaded from ${origin} for environment "${environment}"; ${
    live ? 'edits are followed' : 'edits are not followed (dataDirAutoReload is off)'
  }.`;

export const reloaded = (origin: string): string => `Changed configs installed from ${origin}.`;

export const moreFindings = (count: number): string =>
  `The workspace check found ${count} more problems that are not shown.`;
