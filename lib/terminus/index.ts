export {
  type QuonfigHealthCheckOptions,
  QuonfigHealthIndicator,
} from './quonfig-health.indicator.js';
