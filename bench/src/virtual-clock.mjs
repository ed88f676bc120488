/** A clock that jumps from one scheduled act to the next. Acts of one moment run in the order in which they were scheduled. */
export class VirtualClock {
  now = 0;
  #order = 0;
  /** @type {{ at: number, order: number, act: () => void }[]} a binary heap, the earliest first */
  #heap = [];

  after(/** @type {number} */ ms, /** @type {() => void} */ act) {
    const entry = { at: this.now + ms, order: this.#order++, act };
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(entry, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = entry;
  }

  /** Runs everything that is due until a moment, and stops there. */
  runUntil(/** @type {number} */ moment) {
    while (this.#heap.length > 0 && this.#heap[0].at <= moment) {
      const { at, act } = this.#takeFirst();
      this.now = at;
      act();
    }
    this.now = moment;
  }

  #takeFirst() {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1], heap[child])) child++;
      if (!earlier(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const earlier = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);
