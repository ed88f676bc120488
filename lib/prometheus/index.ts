export { type QuonfigMetricsOptions, registerQuonfigMetrics } from './register-quonfig-metrics.js';
