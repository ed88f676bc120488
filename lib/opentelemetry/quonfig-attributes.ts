// Names of ours, where the semantic conventions have none.

export const ATTR_QUONFIG_INSTANCE = 'quonfig.instance';
export const ATTR_QUONFIG_CONNECTION_STATE = 'quonfig.connection.state';
export const ATTR_QUONFIG_REFRESH_CAUSE = 'quonfig.refresh.cause';
export const ATTR_QUONFIG_RESTART_LAYER = 'quonfig.restart.layer';
export const ATTR_QUONFIG_RESTART_REASON = 'quonfig.restart.reason';
export const ATTR_QUONFIG_DROP_CAUSE = 'quonfig.telemetry.drop.cause';
