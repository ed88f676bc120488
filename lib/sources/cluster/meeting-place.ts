import { homedir, tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import type { SdkKey } from '../../requests/index.js';
import type { Addresses } from '../http/api-urls.js';
import { FORMAT } from './handshake.js';
import { type MeetingPlace, PipePlace, SocketPlace } from './socket-place.js';

const NAME_DIGITS = 20;

interface Source {
  readonly sdkKey: SdkKey;
  readonly addresses: Addresses;
}

/**
 * Returns where processes with the same SDK key and URLs meet. The name reveals nothing of the key.
 *
 * @param directory of the socket. Default: one of this user in the directory for temporary files
 */
export function meetingPlace(
  { sdkKey, addresses: { apiUrls, streamUrl } }: Source,
  directory: string | undefined,
): MeetingPlace {
  const source = [apiUrls, streamUrl];
  if (process.platform === 'win32') {
    return new PipePlace(pipeName(sdkKey, source, directory ?? homedir()));
  }
  const ownDirectory = join(tmpdir(), `quonfig-${process.geteuid!()}`);
  return new SocketPlace(directory ?? ownDirectory, nameOf(sdkKey, source));
}

/**
 * The name of a pipe. It stands for the directory, because pipes are in none.
 *
 * @param directory absolute. The home directory tells users apart: the system would let another one only read from the pipe
 */
export function pipeName(sdkKey: SdkKey, source: readonly unknown[], directory: string): string {
  return `quonfig-${nameOf(sdkKey, [...source, win32.resolve(directory).toLowerCase()])}`;
}

function nameOf(sdkKey: SdkKey, what: readonly unknown[]): string {
  return sdkKey.prove(`place ${FORMAT} ${JSON.stringify(what)}`).slice(0, NAME_DIGITS);
}
