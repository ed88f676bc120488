import cluster from 'node:cluster';

/** What a process shows on the page. */
export interface Report {
  name: string;
  pid: number;
  /** Generation of its configs. */
  generation: number;
  state: string;
  price?: number;
}

const INTERVAL_MS = 200;

/** The name of this process on the page. */
const processName = (): string => {
  const { NAME = 'process' } = process.env;
  return cluster.isPrimary ? NAME : `${NAME}, worker ${cluster.worker?.id}`;
};

/** Reports what this process knows to the page. Only the demo needs this. */
export function reportToPage(current: () => Pick<Report, 'generation' | 'state' | 'price'>): void {
  const { PAGE_URL } = process.env;
  if (PAGE_URL === undefined) return;
  const send = async (): Promise<void> => {
    const report: Report = { name: processName(), pid: process.pid, ...current() };
    await fetch(`${PAGE_URL}/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(INTERVAL_MS * 5),
    }).catch(() => undefined);
  };
  setInterval(() => void send(), INTERVAL_MS).unref();
}
