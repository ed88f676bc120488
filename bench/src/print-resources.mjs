import { writeFileSync } from 'node:fs';

// Preloaded into a process whose memory is measured: writes its peak (bytes) and processor time (ms) at its end.
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const resources = { peakBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeFileSync(process.env.RESOURCES_FILE, JSON.stringify(resources));
});
