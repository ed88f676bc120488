export const batchKept = (reason: string, depth: number): string =>
  `Telemetry could not be sent: ${reason}. It is kept (${batches(depth)}) and sent again later.`;

export const batchNotKept = (reason: string): string =>
  `Telemetry could not be sent: ${reason}. It is larger than telemetryMaxRetainedBytes, so it is not kept.`;

export const batchesDropped = (count: number, reason: string, depth: number): string =>
  `Telemetry was dropped: ${batches(count)} since the last message, ${batches(depth)} kept. The last attempt failed: ${reason}. Reads are not concerned. Check that the host of telemetryUrl can be reached from here, or turn telemetry off.`;

export const batchDropped = (cause: string, depth: number): string =>
  `A batch of telemetry was dropped (${cause}); ${batches(depth)} kept.`;

export const batchRejected = (status: number, count: number): string =>
  `Telemetry was rejected with status ${status} and dropped: ${batches(count)} since the last message. The next batch is tried as usual. Check telemetryUrl.`;

export const telemetryRefused = (status: number): string =>
  `Telemetry was refused with status ${status} and is off from now on. Reads are not concerned. Check that the SDK key is right, and the options domain and telemetryUrl; then restart.`;

export const telemetryRecovered = (): string => 'Telemetry has recovered: it is accepted again.';

export const windowLost = (reason: string): string =>
  `What was recorded for telemetry could not be written and is lost: ${reason}. Recording goes on.`;

export const tickFailed = (reason: string): string =>
  `Telemetry could not be dealt with: ${reason}. The next interval is as usual.`;

export const finalReportFailed = (reason: string): string =>
  `The last telemetry before closing could not be sent: ${reason}.`;

export const redactFailed = (): string =>
  'redactContext threw, or gave something other than properties or undefined, such as a promise. Contexts for which it does are left out of telemetry. Make it handle every context, synchronously.';

function batches(count: number): string {
  return count === 1 ? '1 batch' : `${count} batches`;
}
