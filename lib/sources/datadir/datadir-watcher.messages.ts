export const watchFailed = (datadir: string, code: string): string =>
  `Cannot watch ${datadir} (${code}): changes may be missed until a later attempt succeeds. ${remedy(code)}`;

export const watchFailedAgain = (datadir: string, code: string, seconds: number): string =>
  `Still cannot watch ${datadir} (${code}). Next attempt in ${seconds} s.`;

export const watchRestored = (datadir: string): string => `Watching ${datadir} again.`;

export const reloadFailed = (datadir: string, reason: string): string =>
  `Reloading ${datadir} failed; reads are unaffected: ${reason}`;

function remedy(code: string): string {
  switch (code) {
    case 'ENOSPC':
      return 'Raise the limit of watched files (on Linux: sysctl fs.inotify.max_user_watches).';
    case 'EMFILE':
    case 'ENFILE':
      return 'Raise the limit of open files (ulimit -n; on Linux also sysctl fs.inotify.max_user_instances).';
    case 'EACCES':
    case 'EPERM':
      return 'Grant the user of this process permission to read the directory and its files.';
    default:
      return 'If the file system reports no changes, set CHOKIDAR_USEPOLLING=true to poll for them.';
  }
}
