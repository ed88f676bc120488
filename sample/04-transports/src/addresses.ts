const { PORT = '3005', TCP_PORT = '3011', GATEWAY_PORT = '3012' } = process.env;

/** Where the application listens; port 0 picks a free one. */
export const host = '127.0.0.1';
export const ports = {
  http: Number(PORT),
  tcp: Number(TCP_PORT),
  gateway: Number(GATEWAY_PORT),
};
