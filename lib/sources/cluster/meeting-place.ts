import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
 * Returns where processes with the same SDK key and URLs meet. The name is a hash: it reveals nothing of the key.
 *
 * @param directory of the socket. Default: one of this user in the directory for temporary files. Windows has none
 */
export function meetingPlace(
  { sdkKey, addresses: { apiUrls, streamUrl } }: Source,
  directory: string | undefined,
): MeetingPlace {
  const what = JSON.stringify([FORMAT, sdkKey.hash(), apiUrls, streamUrl]);
  const name = createHash('sha256').update(what).digest('hex').slice(0, NAME_DIGITS);
  if (process.platform === 'win32') return new PipePlace(`quonfig-${name}`);
  const ownDirectory = join(tmpdir(), `quonfig-${process.geteuid!()}`);
  return new SocketPlace(directory ?? ownDirectory, name);
}
