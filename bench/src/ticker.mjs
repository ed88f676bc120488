export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs the work while a ticker looks at the clock on every turn of the event loop. */
export async function underTicker(/** @type {() => Promise<any>} */ work) {
  let longest = 0;
  let last = performance.now();
  let ticking = true;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (ticking) setImmediate(tick);
  };
  setImmediate(tick);
  await turn();
  longest = 0;
  const start = performance.now();
  const result = await work();
  const took = performance.now() - start;
  await turn();
  ticking = false;
  return { result, took, longest };
}
