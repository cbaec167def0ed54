/** Values by keys that stand in bytes: found without making a string of the key. Bounded: once full, it is begun anew. */

/** Room at first; it grows as keys come. */
const firstEntries = 64;
const firstKeyBytes = 1 << 10;

export class ByteMap<Value> {
  private readonly most: number;
  /** Number of an entry, counted from 1; 0 where a slot is free. Twice as many slots as there is room for entries. */
  private slots = new Int32Array(firstEntries * 2);
  private hashes = new Int32Array(firstEntries);
  /** Where an entry's key begins in `keys`; the next entry's begins where it ends. */
  private starts = new Int32Array(firstEntries + 1);
  private keys = new Uint8Array(firstKeyBytes);
  private values: Value[] = [];

  /** @param most entries held at once */
  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.values.length;
  }

  find(bytes: Uint8Array, start: number, end: number): Value | undefined {
    const entry = this.slots[this.slotOf(bytes, start, end)] ?? 0;
    return entry === 0 ? undefined : this.values[entry - 1];
  }

  set(bytes: Uint8Array, start: number, end: number, value: Value): void {
    if (this.size >= this.most) this.clear();
    else if (this.size === this.hashes.length) this.grow();
    const slot = this.slotOf(bytes, start, end);
    const entry = this.slots[slot] ?? 0;
    if (entry !== 0) {
      this.values[entry - 1] = value;
      return;
    }
    const index = this.values.push(value) - 1;
    const from = this.starts[index] ?? 0;
    this.reserve(from + end - start);
    this.keys.set(bytes.subarray(start, end), from);
    this.starts[index + 1] = from + end - start;
    this.hashes[index] = hashOf(bytes, start, end);
    this.slots[slot] = index + 1;
  }

  private clear(): void {
    this.slots.fill(0);
    this.values = [];
  }

  private grow(): void {
    const entries = this.hashes.length * 2;
    this.hashes = widened(this.hashes, entries);
    this.starts = widened(this.starts, entries + 1);
    this.slots = new Int32Array(entries * 2);
    for (let entry = 1; entry <= this.size; entry += 1) {
      let slot = this.firstSlot(this.hashes[entry - 1] ?? 0);
      while (this.slots[slot] !== 0) slot = this.nextSlot(slot);
      this.slots[slot] = entry;
    }
  }

  private reserve(length: number): void {
    if (length <= this.keys.length) return;
    const larger = new Uint8Array(Math.max(length, this.keys.length * 2));
    larger.set(this.keys);
    this.keys = larger;
  }

  /** The slot that holds the key, or the free one it belongs into. */
  private slotOf(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    let slot = this.firstSlot(hash);
    for (;;) {
      const entry = this.slots[slot] ?? 0;
      if (entry === 0) return slot;
      if (this.hashes[entry - 1] === hash && this.isKey(entry - 1, bytes, start, end)) return slot;
      slot = this.nextSlot(slot);
    }
  }

  private firstSlot(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.slots.length - 1);
  }

  private nextSlot(slot: number): number {
    return (slot + 1) & (this.slots.length - 1);
  }

  private isKey(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { keys, starts } = this;
    const from = starts[index] ?? 0;
    const length = end - start;
    if ((starts[index + 1] ?? 0) - from !== length) return false;
    for (let at = 0; at < length; at += 1) if (keys[from + at] !== bytes[start + at]) return false;
    return true;
  }
}

function widened(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(numbers);
  return wider;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}
