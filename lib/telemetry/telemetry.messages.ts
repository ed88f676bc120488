export const batchRetained = (reason: string, depth: number): string =>
  `Telemetry could not be sent: ${reason}. It is retained (${batches(depth)}) and will be sent again.`;

export const batchNotRetained = (reason: string): string =>
  `Telemetry could not be sent: ${reason}. The report is larger than telemetryMaxRetainedBytes, so it is not retained. Reads are unaffected. To keep reports of this size, raise telemetryMaxRetainedBytes.`;

export const batchesDropped = (count: number, reason: string, depth: number): string =>
  `Telemetry was dropped: ${batches(count)} since the last message, ${batches(depth)} retained. The last attempt failed: ${reason}. Reads are unaffected. Check that this host can reach telemetryUrl, or turn telemetry off.`;

export const batchDropped = (cause: string, depth: number): string =>
  `A batch of telemetry was dropped (${cause}); ${batches(depth)} retained.`;

export const batchRejected = (status: number, count: number): string =>
  `Telemetry was rejected with status ${status} and dropped: ${batches(count)} since the last message. The next batch is sent as usual. Check telemetryUrl.`;

export const telemetryRefused = (status: number, keySource: string): string =>
  `Telemetry was refused with status ${status} and is now off. Reads are unaffected. Check the SDK key in ${keySource} and the options domain and telemetryUrl, then restart.`;

export const telemetryRecovered = (): string =>
  'Telemetry has recovered: reports are accepted again.';

export const windowLost = (reason: string): string =>
  `The recorded telemetry could not be serialized and is lost: ${reason}. Recording continues. Please report this.`;

export const cycleFailed = (reason: string): string =>
  `The telemetry cycle failed: ${reason}. The next one runs as scheduled. Please report this.`;

export const finalReportFailed = (reason: string): string =>
  `The last telemetry report before closing could not be sent: ${reason}. Everything recorded since the previous report is lost. If this repeats, check that this host can reach telemetryUrl.`;

export const redactFailed = (): string =>
  'redactContext threw, or returned something other than properties or undefined, such as a promise. Such contexts are left out of telemetry. Make it handle every context, synchronously.';

function batches(count: number): string {
  return count === 1 ? '1 batch' : `${count} batches`;
}
